import type { AlertRule } from "@storeward/contracts";
import { t } from "../../messages/index.js";
import { DocumentDialog, type DocumentDialogProps, type FormProps, type Sort } from "./document-dialog.js";
import { Check, Checks, Field, Group, Select, TextField } from "./field.js";
import { DAYS, NEW_WINDOW, type WindowDraft, windowDraftOf, windowOf } from "./people-draft.js";
import { PlacesGroup } from "./scope-fields.js";

const words = t.alertSetup;

const windowOn = (timeZone: string): Sort<"windows", WindowDraft> => ({
  list: "windows",
  blank: NEW_WINDOW,
  draftOf: (window) => windowDraftOf(window, timeZone),
  documentOf: (draft, taken) => windowOf(draft, taken, timeZone),
  titleOf: ({ title }) => title.trim(),
  words: { new: words.newWindow, edit: words.editWindow },
  says: ({ kind }) => words.windowSays[kind],
});

/** When nobody is told, or nothing is opened. Times are those of the site's clock. */
export function WindowDialog({
  rules,
  timeZone,
  ...dialog
}: DocumentDialogProps<"windows"> & { rules: readonly AlertRule[]; timeZone: string }) {
  return (
    <DocumentDialog sort={windowOn(timeZone)} {...dialog}>
      {({ draft, problems, set }) => (
        <>
          <TextField
            label={words.titleLabel}
            hint={words.windowTitleHint}
            problem={problems.at("title")}
            required
            maxLength={120}
            value={draft.title}
            onChange={(title) => set({ title })}
          />
          <Field label={words.windowKind}>
            {(described) => (
              <Select
                {...described}
                value={draft.kind}
                choices={(["quiet", "maintenance"] as const).map((value) => ({
                  value,
                  name: words.windowKinds[value],
                }))}
                onChange={(kind) => set({ kind })}
              />
            )}
          </Field>
          <WhenFields draft={draft} problems={problems} timeZone={timeZone} set={set} />
          <Group legend={words.ofRules} hint={words.ofRulesHint(draft.rules.length)} problem={problems.at("rules")}>
            <Checks
              chosen={draft.rules}
              choices={rules.map(({ id, title }) => ({ value: id, name: title }))}
              onChange={(chosen) => set({ rules: chosen })}
            />
          </Group>
          <PlacesGroup chosen={draft.places} problem={problems.at("places")} onChange={(places) => set({ places })} />
          <Check name={words.enabled} checked={draft.enabled} onChange={(enabled) => set({ enabled })} />
        </>
      )}
    </DocumentDialog>
  );
}

function WhenFields({ draft, problems, timeZone, set }: FormProps<WindowDraft> & { timeZone: string }) {
  const time = (label: string, type: "time" | "datetime-local", field: "from" | "to" | "begins" | "ends") => (
    <Field label={label} problem={problems.at(`when.${field}`)}>
      {(described) => (
        <input
          {...described}
          type={type}
          class="input"
          required
          value={draft[field]}
          onInput={(event) => set({ [field]: event.currentTarget.value })}
        />
      )}
    </Field>
  );
  return (
    <>
      <Field label={words.repeats} hint={words.zone(timeZone)}>
        {(described) => (
          <Select
            {...described}
            value={draft.repeats ? "weekly" : "once"}
            choices={(["weekly", "once"] as const).map((value) => ({ value, name: words.repeating[value] }))}
            onChange={(value) => set({ repeats: value === "weekly" })}
          />
        )}
      </Field>
      {draft.repeats && (
        <Group
          legend={words.days}
          problem={problems.at("when.days") ?? (draft.days.length === 0 ? words.noDay : undefined)}
        >
          <Checks
            inRow
            chosen={draft.days}
            choices={DAYS.map((value) => ({ value, name: words.day[value] }))}
            onChange={(days) => set({ days })}
          />
        </Group>
      )}
      <div class="field-pair">
        {draft.repeats ? time(words.from, "time", "from") : time(words.begins, "datetime-local", "begins")}
        {draft.repeats ? time(words.until, "time", "to") : time(words.ends, "datetime-local", "ends")}
      </div>
    </>
  );
}
