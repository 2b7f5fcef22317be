import type { AlertStatus } from "@storeward/contracts";
import { useState } from "preact/hooks";
import { useApp } from "../app/app.js";
import { t } from "../messages/index.js";
import { Ago } from "../ui/ago.js";
import { Badge } from "../ui/badge.js";
import { ProblemNote } from "../ui/problem-note.js";
import { ThisBrowser } from "./this-browser.js";

/** Who is told, and whether it arrives: one that cannot be reached is told of here. */
export function Receivers({
  status,
  administrator,
  onDone,
}: {
  status: AlertStatus | null;
  administrator: boolean;
  onDone: () => void;
}) {
  const { client, notice } = useApp();
  const [error, setError] = useState<unknown>(null);
  const words = t.alerts;
  if (status === null) return null;
  async function test(id: string, name: string) {
    setError(null);
    try {
      await client.testReceiver(id);
      notice.value = words.tested(name);
      onDone();
    } catch (failure) {
      setError(failure);
    }
  }
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
            {administrator && (
              <button type="button" class="button button-small" onClick={() => void test(id, name)}>
                {words.test}
                <span class="unseen">: {name}</span>
              </button>
            )}
            {why !== null && <p class="small text-bad receiver-why">{why}</p>}
          </li>
        ))}
      </ul>
      <ThisBrowser onDone={onDone} />
    </section>
  );
}
