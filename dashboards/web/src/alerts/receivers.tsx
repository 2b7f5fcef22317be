import type { AlertReceiver, AlertSetup, AlertStatus } from "@storeward/contracts";
import { useState } from "preact/hooks";
import { useApp } from "../app/app.js";
import { t } from "../messages/index.js";
import { Ago } from "../ui/ago.js";
import { Badge } from "../ui/badge.js";
import { ProblemNote } from "../ui/problem-note.js";
import { ReceiverDialog } from "./setup/receiver-dialog.js";
import { SecretDialog } from "./setup/secret-dialog.js";
import { Switch } from "./setup/switch.js";
import { useChange } from "./setup/use-change.js";
import { useEditing } from "./setup/use-editing.js";
import { ThisBrowser } from "./this-browser.js";

/** Who is told, and whether it arrives: one that cannot be reached is told of here. */
export function Receivers({
  status,
  setup,
  onDone,
}: {
  status: AlertStatus | null;
  /** For administrators. */
  setup: AlertSetup | null;
  onDone: () => void;
}) {
  const { client } = useApp();
  const { error, change, setError } = useChange(onDone);
  const { editing, edit, make, close } = useEditing("receivers", setError);
  const [secret, tell] = useState<{ readonly name: string; readonly secret: string } | null>(null);
  const words = t.alerts;
  if (status === null) return null;
  const documents = new Map(setup?.receivers.map((receiver) => [receiver.id, receiver]));
  const needsMail = !status.mail && status.receivers.some(({ kind }) => kind === "email");
  return (
    <section class="card" aria-labelledby="receivers-heading">
      <h2 id="receivers-heading">{words.receivers}</h2>
      {status.receivers.length === 0 && <p class="muted">{words.noReceivers}</p>}
      {needsMail && <p class="note note-warn">{words.noMail}</p>}
      <ProblemNote error={error} />
      <ul class="rows" data-testid="receivers">
        {status.receivers.map(({ id, name, kind, enabled, waiting, deliveredAt, failingSince, error: why }) => (
          <li key={id} class="receiver">
            <span>
              <strong>{name}</strong> <span class="muted">{words.kind[kind]}</span>
            </span>
            <span>
              {failingSince !== null ? (
                <>
                  <Badge tone="bad">{words.failing}</Badge> <Ago at={failingSince} />
                  {waiting > 0 && <> · {words.waiting(waiting)}</>}
                </>
              ) : !enabled ? (
                <Badge tone="quiet">{words.off}</Badge>
              ) : deliveredAt !== null ? (
                <>
                  <Badge tone="good">{words.reached}</Badge> <Ago at={deliveredAt} />
                </>
              ) : (
                <span class="muted">{words.untried}</span>
              )}
            </span>
            {setup !== null && (
              <span class="receiver-acts">
                <button
                  type="button"
                  class="button button-small"
                  onClick={() => change(() => client.testReceiver(id), words.tested(name))}
                >
                  {words.test}
                  <span class="unseen">: {name}</span>
                </button>
                <ReceiverActs
                  receiver={documents.get(id)}
                  id={id}
                  name={name}
                  change={change}
                  onEdit={() => edit(id)}
                  onSecret={(made) => tell({ name, secret: made })}
                />
              </span>
            )}
            {why !== null && <p class="small text-bad receiver-why">{why}</p>}
          </li>
        ))}
      </ul>
      <ThisBrowser onNew={setup === null ? null : make} onDone={onDone} />
      {editing !== null && (
        <ReceiverDialog
          read={editing === "new" ? null : editing}
          taken={new Set(status.receivers.map(({ id }) => id))}
          onSecret={(name, made) => tell({ name, secret: made })}
          onDone={onDone}
          onClose={close}
        />
      )}
      {secret !== null && editing === null && <SecretDialog {...secret} onClose={() => tell(null)} />}
    </section>
  );
}

/** What administrators do with one: of a browser, which its owner has subscribed, only an end can be made. */
function ReceiverActs({
  receiver,
  id,
  name,
  change,
  onEdit,
  onSecret,
}: {
  receiver: AlertReceiver | undefined;
  id: string;
  name: string;
  change: (what: () => Promise<unknown>, done: string) => void;
  onEdit: () => void;
  onSecret: (secret: string) => void;
}) {
  const { client } = useApp();
  const words = t.alertSetup;
  const about = <span class="unseen">: {name}</span>;
  if (receiver === undefined)
    return (
      <button
        type="button"
        class="button button-small"
        onClick={() => change(() => client.removeAlertDocument("receivers", id), words.removed(name))}
      >
        {words.remove}
        {about}
      </button>
    );
  const newSecret = async () => onSecret((await client.newReceiverSecret(id)).secret ?? "");
  return (
    <>
      {receiver.by.kind === "webhook" && (
        <button type="button" class="button button-small" onClick={() => change(newSecret, words.saved(name))}>
          {words.newSecret}
          {about}
        </button>
      )}
      <button type="button" class="button button-small" onClick={onEdit}>
        {words.edit}
        {about}
      </button>
      <Switch
        name={name}
        on={receiver.enabled ?? true}
        onSwitch={(enabled) => change(() => client.switchAlertDocument("receivers", id, enabled), words.saved(name))}
      />
    </>
  );
}
