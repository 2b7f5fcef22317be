import { useEffect, useState } from "preact/hooks";
import { useApp } from "../app/app.js";
import { alertsHref } from "../app/routing.js";
import { t } from "../messages/index.js";
import { Moment } from "../ui/ago.js";
import { useSoon } from "../ui/live-hooks.js";
import { Page } from "../ui/page.js";
import { ProblemNote } from "../ui/problem-note.js";
import { useResource } from "../ui/resource.js";
import { AcknowledgeDialog } from "./acknowledge-dialog.js";
import { AlertCard } from "./alert-card.js";
import "./alerts.css";

/** One alert, with who was told of it. */
export function AlertPage({ id }: { id: string }) {
  const { client, world } = useApp();
  const found = useResource(id, (signal) => client.alert(id, signal));
  const [acknowledging, acknowledge] = useState(false);
  const soon = useSoon(found.reload, 300, 2_000);
  useEffect(() => world.onAlert(soon), [world, soon]);
  const words = t.alerts;
  const alert = found.data;
  return (
    <Page title={alert?.title ?? words.title} heading={alert?.title ?? words.title} className="alerts">
      <p>
        <a href={alertsHref("open")}>{words.all}</a>
      </p>
      <ProblemNote error={found.error} retry={found.reload} />
      {alert === null && found.loading && <p class="muted">{t.loading}</p>}
      {alert !== null && (
        <>
          <AlertCard alert={alert} onAcknowledge={() => acknowledge(true)} />
          <section class="card" aria-labelledby="told-heading">
            <h2 id="told-heading">{words.told}</h2>
            {alert.deliveries.length === 0 && <p class="muted">{words.toldNobody}</p>}
            <ul class="rows">
              {alert.deliveries.map(({ key, to, event, state, attempts, at, error }) => (
                <li key={key} class="delivery">
                  <span>
                    {to} <span class="muted">{event}</span>
                  </span>
                  <span>
                    {words.delivery[state]} {at !== null && <Moment at={at} />}{" "}
                    {attempts > 1 && <span class="muted">{words.attempts(attempts)}</span>}
                  </span>
                  {error !== null && <span class="small text-bad">{error}</span>}
                </li>
              ))}
            </ul>
          </section>
          {acknowledging && (
            <AcknowledgeDialog alert={alert} onClose={() => acknowledge(false)} onDone={found.reload} />
          )}
        </>
      )}
    </Page>
  );
}
