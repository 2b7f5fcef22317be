import { t } from "../../messages/index.js";
import { DocumentDialog, type DocumentDialogProps, type FormProps, type Sort } from "./document-dialog.js";
import { Check, Field, Select, TextField } from "./field.js";
import { NEW_RECEIVER, type ReceiverDraft, receiverDraftOf, receiverOf, scopeOf } from "./people-draft.js";
import { ScopeFields } from "./scope-fields.js";

const words = t.alertSetup;

const RECEIVER: Sort<"receivers", ReceiverDraft> = {
  list: "receivers",
  blank: NEW_RECEIVER,
  draftOf: receiverDraftOf,
  documentOf: receiverOf,
  titleOf: ({ name }) => name.trim(),
  words: { new: words.newReceiver, edit: words.editReceiver },
  says: (draft) => words.receiverSays(scopeOf(draft)),
};

/** Who is told by e-mail or webhook, and of what. */
export function ReceiverDialog({
  onSecret,
  ...dialog
}: DocumentDialogProps<"receivers"> & {
  /** The secret of a new webhook, which is told once. */
  onSecret: (name: string, secret: string) => void;
}) {
  return (
    <DocumentDialog
      sort={RECEIVER}
      {...dialog}
      onAnswer={({ receiver, secret }) => secret !== undefined && onSecret(receiver.name, secret)}
    >
      {({ draft, problems, set }) => (
        <>
          <TextField
            label={words.name}
            hint={words.receiverNameHint}
            problem={problems.at("name")}
            required
            maxLength={120}
            value={draft.name}
            onChange={(name) => set({ name })}
          />
          <Field label={words.by}>
            {(described) => (
              <Select
                {...described}
                value={draft.by}
                choices={(["email", "webhook"] as const).map((value) => ({ value, name: t.alerts.kind[value] }))}
                onChange={(by) => set({ by })}
              />
            )}
          </Field>
          {draft.by === "email" ? (
            <MailField draft={draft} problems={problems} set={set} />
          ) : (
            <HookFields draft={draft} problems={problems} set={set} />
          )}
          <ScopeFields roles={draft.roles} places={draft.places} problems={problems} onChange={set} />
          <Check name={words.enabled} checked={draft.enabled} onChange={(enabled) => set({ enabled })} />
        </>
      )}
    </DocumentDialog>
  );
}

function MailField({ draft, problems, set }: FormProps<ReceiverDraft>) {
  return (
    <TextField
      label={words.to}
      hint={words.toHint}
      problem={problems.at("by.to") ?? problems.at("by")}
      type="email"
      multiple
      required
      value={draft.to}
      onChange={(to) => set({ to })}
    />
  );
}

function HookFields({ draft, problems, set }: FormProps<ReceiverDraft>) {
  return (
    <>
      <TextField
        label={words.url}
        hint={words.urlHint}
        problem={problems.at("by.url") ?? problems.at("by")}
        type="url"
        required
        maxLength={2000}
        value={draft.url}
        onChange={(url) => set({ url })}
      />
      {draft.url.startsWith("http:") && (
        <Check name={words.insecure} checked={draft.insecure} onChange={(insecure) => set({ insecure })} />
      )}
    </>
  );
}
