import type { SeriesSchema } from "@storeward/contracts";
import { useApp } from "../../app/app.js";
import { t } from "../../messages/index.js";
import { useResource } from "../../ui/resource.js";
import { DocumentDialog, type DocumentDialogProps, type FormProps, type Sort } from "./document-dialog.js";
import { Check, Field, Select, TextField } from "./field.js";
import { FigureFields } from "./figure-fields.js";
import { LengthInput } from "./length-input.js";
import {
  NEW_RULE,
  needsPlace,
  type RuleDraft,
  ruleDraftOf,
  ruleOf,
  takesKind,
  takesPlace,
  WATCHES,
} from "./rule-draft.js";
import { RolesField, usePlaceChoices } from "./scope-fields.js";
import { StepsGroup } from "./steps-group.js";

const words = t.alertSetup;

const RULE: Sort<"rules", RuleDraft> = {
  list: "rules",
  blank: NEW_RULE,
  draftOf: ruleDraftOf,
  documentOf: ruleOf,
  titleOf: ({ title }) => title.trim(),
  words: { new: words.newRule, edit: words.editRule },
  says: (_draft, isNew) => (isNew ? words.ruleSays : words.ruleSaysChanged),
};

/** What is watched, and who is told when. */
export function RuleDialog({ schema, ...dialog }: DocumentDialogProps<"rules"> & { schema: SeriesSchema }) {
  return (
    <DocumentDialog sort={RULE} {...dialog}>
      {({ draft, problems, set }) => (
        <>
          <TextField
            label={words.titleLabel}
            hint={words.ruleTitleHint}
            problem={problems.at("title")}
            required
            maxLength={120}
            value={draft.title}
            onChange={(title) => set({ title })}
          />
          <Field label={words.watch}>
            {(described) => (
              <Select
                {...described}
                value={draft.watch}
                choices={WATCHES.map((value) => ({ value, name: words.watches[value] }))}
                onChange={(watch) => set({ watch })}
              />
            )}
          </Field>
          {draft.watch === "measurement" && (
            <FigureFields draft={draft} schema={schema} problems={problems} onChange={set} />
          )}
          <AboutFields draft={draft} problems={problems} set={set} />
          <div class="field-pair">
            <LengthInput
              label={words.lasts}
              hint={words.lastsHint}
              value={draft.lasts}
              min={0}
              problem={problems.at("lasts")}
              onChange={(lasts) => set({ lasts })}
            />
            <Field label={words.severity}>
              {(described) => (
                <Select
                  {...described}
                  value={draft.severity}
                  choices={(["critical", "warning", "info"] as const).map((value) => ({
                    value,
                    name: t.alerts.severity[value],
                  }))}
                  onChange={(severity) => set({ severity })}
                />
              )}
            </Field>
          </div>
          <RolesField
            label={words.tell}
            hint={words.tellHint}
            value={draft.tell}
            problem={problems.at("tell")}
            onChange={(tell) => set({ tell })}
          />
          <StepsGroup steps={draft.escalate} problems={problems} onChange={(escalate) => set({ escalate })} />
          <Field label={words.advice} hint={words.adviceHint} problem={problems.at("advice")}>
            {(described) => (
              <textarea
                {...described}
                class="input"
                rows={3}
                maxLength={1000}
                value={draft.advice}
                onInput={(event) => set({ advice: event.currentTarget.value })}
              />
            )}
          </Field>
          <Check name={words.enabled} checked={draft.enabled} onChange={(enabled) => set({ enabled })} />
        </>
      )}
    </DocumentDialog>
  );
}

/** Where, and of which kind, where what is watched has such. */
function AboutFields({ draft, problems, set }: FormProps<RuleDraft>) {
  const { client } = useApp();
  const kinds = useResource("kinds", (signal) => client.kinds("", signal));
  const places = usePlaceChoices();
  const none = { value: "", name: needsPlace(draft.watch) ? words.choosePlace : words.everywhere };
  return (
    <>
      {takesPlace(draft.watch) && (
        <Field label={words.place} hint={words.placeHint} problem={problems.at("place")}>
          {(described) => (
            <Select
              {...described}
              required={needsPlace(draft.watch)}
              value={draft.place}
              choices={[none, ...places]}
              onChange={(place) => set({ place })}
            />
          )}
        </Field>
      )}
      {takesKind(draft.watch) && (
        <Field label={words.kind} hint={words.kindHint} problem={problems.at("kind")}>
          {(described) => (
            <>
              <input
                {...described}
                class="input"
                list={`${described.id}kinds`}
                maxLength={200}
                autocomplete="off"
                value={draft.kind}
                onInput={(event) => set({ kind: event.currentTarget.value })}
              />
              <datalist id={`${described.id}kinds`}>
                {(kinds.data?.kinds ?? []).map(({ kind }) => (
                  <option key={kind} value={kind} />
                ))}
              </datalist>
            </>
          )}
        </Field>
      )}
    </>
  );
}
