import type { AlertReceiver } from "@storeward/contracts";
import { useState } from "preact/hooks";
import { useApp } from "../../app/app.js";
import { t } from "../../messages/index.js";
import { Check, Field, Select, TextField } from "./field.js";
import { NEW_RECEIVER, type ReceiverDraft, receiverDraftOf, receiverOf } from "./people-draft.js";
import type { Problems } from "./problems.js";
import { ScopeFields } from "./scope-fields.js";
import { SetupDialog } from "./setup-dialog.js";

/** Who is told by e-mail or webhook, and of what. */
export function ReceiverDialog({
  receiver,
  taken,
  onSecret,
  onDone,
  onClose,
}: {
  receiver: AlertReceiver | null;
  taken: ReadonlySet<string>;
  /** The secret of a new webhook, which is told once. */
  onSecret: (name: string, secret: string) => void;
  onDone: () => void;
  onClose: () => void;
}) {
  const { client } = useApp();
  const [draft, setDraft] = useState(receiver === null ? NEW_RECEIVER : receiverDraftOf(receiver));
  const set = (change: Partial<ReceiverDraft>) => setDraft((was) => ({ ...was, ...change }));
  const made = receiverOf(draft, taken);
  const words = t.alertSetup;
  async function save() {
    const { secret } = await client.setAlertReceiver(made);
    if (secret !== undefined) onSecret(made.name, secret);
  }
  return (
    <SetupDialog
      title={receiver === null ? words.newReceiver : words.editReceiver(receiver.name)}
      says={words.receiverSays(made)}
      isNew={receiver === null}
      name={receiver?.name ?? made.name}
      save={save}
      remove={() => client.removeAlertDocument("receivers", made.id)}
      onDone={onDone}
      onClose={onClose}
    >
      {(problems) => (
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
    </SetupDialog>
  );
}

interface PartProps {
  readonly draft: ReceiverDraft;
  readonly problems: Problems;
  readonly set: (change: Partial<ReceiverDraft>) => void;
}

function MailField({ draft, problems, set }: PartProps) {
  return (
    <TextField
      label={t.alertSetup.to}
      hint={t.alertSetup.toHint}
      problem={problems.at("by.to") ?? problems.at("by")}
      type="email"
      multiple
      required
      value={draft.to}
      onChange={(to) => set({ to })}
    />
  );
}

function HookFields({ draft, problems, set }: PartProps) {
  const words = t.alertSetup;
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
