import { t } from "../../messages/index.js";
import { Group } from "./field.js";
import { LengthInput } from "./length-input.js";
import type { Problems } from "./problems.js";
import type { RuleDraft } from "./rule-draft.js";
import { RolesField } from "./scope-fields.js";

type Steps = RuleDraft["escalate"];
const MOST = 10;

/** Who else is told while nobody acknowledges it, step by step. */
export function StepsGroup({
  steps,
  problems,
  onChange,
}: {
  steps: Steps;
  problems: Problems;
  onChange: (steps: Steps) => void;
}) {
  const words = t.alertSetup;
  const change = (index: number, to: Partial<Steps[number]>) =>
    onChange(steps.map((step, n) => (n === index ? { ...step, ...to } : step)));
  return (
    <Group legend={words.escalate} hint={words.escalateHint}>
      {steps.map((step, index) => (
        <fieldset key={index} class="setup-step">
          <legend class="unseen">{words.step(index + 1)}</legend>
          <LengthInput
            label={words.after}
            value={step.after}
            min={1}
            problem={problems.at(`escalate[${index}].after`)}
            onChange={(after) => change(index, { after })}
          />
          <RolesField
            label={words.alsoTell}
            value={step.tell}
            required
            problem={problems.at(`escalate[${index}].tell`)}
            onChange={(tell) => change(index, { tell })}
          />
          <button
            type="button"
            class="button button-small"
            onClick={() => onChange(steps.filter((_, n) => n !== index))}
          >
            {words.removeStep}
            <span class="unseen"> {index + 1}</span>
          </button>
        </fieldset>
      ))}
      {steps.length < MOST && (
        <button
          type="button"
          class="button button-small"
          onClick={() => onChange([...steps, { after: { n: "30", unit: "min" }, tell: "" }])}
        >
          {words.addStep}
        </button>
      )}
    </Group>
  );
}
