import type { SeriesSchema } from "@storeward/contracts";
import { t } from "../../messages/index.js";
import { Checks, Field, Group, Select } from "./field.js";
import type { Problems } from "./problems.js";
import { type RuleDraft, withMeasurement } from "./rule-draft.js";

/** Which figure of the time series, of what, and its limit with its unit. */
export function FigureFields({
  draft,
  schema,
  problems,
  onChange,
}: {
  draft: RuleDraft;
  schema: SeriesSchema;
  problems: Problems;
  onChange: (change: Partial<RuleDraft>) => void;
}) {
  const measured = schema.measurements.find(({ name }) => name === draft.measurement);
  const words = t.alertSetup;
  if (measured === undefined) return null;
  const { fields, tags } = measured;
  const field = fields.find(({ name }) => name === draft.field);
  const over = fields.find(({ name }) => name === draft.per);
  const by = draft.by ?? tags;
  return (
    <>
      <Field label={words.measurement} hint={`${measured.help}.`} problem={problems.at("when.measurement")}>
        {(described) => (
          <Select
            {...described}
            value={draft.measurement}
            choices={schema.measurements.map(({ name }) => ({ value: name, name }))}
            onChange={(name) => {
              const chosen = schema.measurements.find((each) => each.name === name);
              if (chosen !== undefined) onChange(withMeasurement(draft, chosen));
            }}
          />
        )}
      </Field>
      <div class="field-pair">
        <Field label={words.figure} hint={field?.help} problem={problems.at("when.field")}>
          {(described) => (
            <Select
              {...described}
              value={draft.field}
              choices={fields.map(({ name }) => ({ value: name, name }))}
              onChange={(name) => onChange({ field: name })}
            />
          )}
        </Field>
        <Field label={words.per} hint={over?.help} problem={problems.at("when.per")}>
          {(described) => (
            <Select
              {...described}
              value={draft.per}
              choices={[{ value: "", name: t.none }, ...fields.map(({ name }) => ({ value: name, name }))]}
              onChange={(per) => onChange({ per })}
            />
          )}
        </Field>
      </div>
      <LimitField draft={draft} unit={unitOf(field?.symbol, over?.symbol)} problems={problems} onChange={onChange} />
      <Field label={words.minutes} hint={words.minutesHint} problem={problems.at("when.minutes")}>
        {(described) => (
          <input
            {...described}
            type="number"
            class="input num"
            required
            min={1}
            max={60}
            value={draft.minutes}
            onInput={(event) => onChange({ minutes: event.currentTarget.value })}
          />
        )}
      </Field>
      <Group legend={words.each} hint={words.eachHint} problem={problems.at("when.by")}>
        <Checks
          inRow
          chosen={by}
          choices={tags.map((value) => ({ value, name: words.tag[value] ?? value }))}
          onChange={(chosen) => onChange({ by: chosen.length === tags.length ? null : chosen })}
        />
      </Group>
    </>
  );
}

/** Of a quotient it is said only where the divisor is a plain number. */
function unitOf(symbol = "", over = ""): string {
  return over === "" ? symbol : "";
}

function LimitField({
  draft,
  unit,
  problems,
  onChange,
}: {
  draft: RuleDraft;
  unit: string;
  problems: Problems;
  onChange: (change: Partial<RuleDraft>) => void;
}) {
  const words = t.alertSetup;
  return (
    <Field label={words.limit(unit)} problem={problems.at(`when.${draft.side}`) ?? problems.at("when")}>
      {(described) => (
        <div class="field-limit">
          <Select
            aria-label={words.side}
            value={draft.side}
            choices={(["above", "below"] as const).map((value) => ({ value, name: words.sides[value] }))}
            onChange={(side) => onChange({ side })}
          />
          <input
            {...described}
            type="number"
            class="input num"
            required
            step="any"
            value={draft.limit}
            onInput={(event) => onChange({ limit: event.currentTarget.value })}
          />
          <span>{unit}</span>
        </div>
      )}
    </Field>
  );
}
