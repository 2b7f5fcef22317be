import type { AlertState } from "@storeward/contracts";
import { useEffect, useState } from "preact/hooks";
import { useApp } from "../app/app.js";
import { alertsHref } from "../app/routing.js";
import { t } from "../messages/index.js";
import { useSoon } from "../ui/live-hooks.js";
import { Page } from "../ui/page.js";
import { ProblemNote } from "../ui/problem-note.js";
import { useResource } from "../ui/resource.js";
import { AcknowledgeDialog } from "./acknowledge-dialog.js";
import { AlertCard } from "./alert-card.js";
import { Receivers } from "./receivers.js";
import { Rules } from "./rules.js";
import { Windows } from "./setup/windows.js";
import "./alerts.css";

const STATES: readonly AlertState[] = ["open", "acknowledged", "closed"];
const MOST = 100;
const LOOK_MS = 30_000;

/** What somebody has to know of, what they know of already, and what is over; then what is watched and who is told. */
export function AlertsPage({ state, administrator }: { state: AlertState; administrator: boolean }) {
  const { client, world } = useApp();
  const found = useResource(state, (signal) => client.alerts({ state, limit: MOST }, signal));
  const status = useResource("status", (signal) => client.alertStatus(signal));
  const rules = useResource("rules", (signal) => client.alertRules(signal));
  const setup = useResource(administrator ? "setup" : null, (signal) => client.alertSetup(signal));
  const [acknowledging, acknowledge] = useState<string | null>(null);
  const reload = () => {
    found.reload();
    status.reload();
    rules.reload();
    setup.reload();
  };
  const soon = useSoon(found.reload, 300, 2_000);
  useEffect(() => world.onAlert(soon), [world, soon]);
  useEffect(() => {
    const timer = setInterval(status.reload, LOOK_MS);
    return () => clearInterval(timer);
  }, [status.reload]);
  const counts = world.alerts.value;
  const words = t.alerts;
  const alert = found.data?.alerts.find(({ id }) => id === acknowledging);
  return (
    <Page title={words.title} heading={words.title} className="alerts">
      <p class="lead">{words.lead}</p>
      <nav class="chips" aria-label={words.states}>
        {STATES.map((each) => (
          <a key={each} class="chip" href={alertsHref(each)} aria-current={each === state ? "page" : undefined}>
            {words.state[each]}
            {counts !== null && each !== "closed" && <span class="chip-count num">{t.number(counts[each])}</span>}
          </a>
        ))}
      </nav>
      <ProblemNote error={found.error} retry={found.reload} />
      {found.data === null && found.loading && <p class="muted">{t.loading}</p>}
      {found.data?.alerts.length === 0 && <p class="card empty">{words.none[state]}</p>}
      {found.data !== null && found.data.alerts.length > 0 && (
        <ul class="alert-list" aria-label={words.state[state]} data-testid="alerts">
          {found.data.alerts.map((each) => (
            <li key={each.id}>
              <AlertCard alert={each} onAcknowledge={() => acknowledge(each.id)} />
            </li>
          ))}
        </ul>
      )}
      {found.data?.next != null && <p class="small muted">{words.partial(found.data.alerts.length)}</p>}
      <Receivers status={status.data} setup={setup.data?.document ?? null} onDone={reload} />
      {setup.data !== null && <Windows setup={setup.data.document} onDone={reload} />}
      <Rules rules={rules} unjudged={status.data?.unjudged ?? []} setup={setup.data?.tag ?? null} onDone={reload} />
      {alert !== undefined && <AcknowledgeDialog alert={alert} onClose={() => acknowledge(null)} onDone={reload} />}
    </Page>
  );
}
