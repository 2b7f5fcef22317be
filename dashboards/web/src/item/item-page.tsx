import type { ItemDetail } from "@storeward/contracts";
import { useState } from "preact/hooks";
import { AlertLinks, useCurrentAlerts } from "../alerts/alert-links.js";
import { ApiError } from "../api/problem.js";
import { useApp } from "../app/app.js";
import { homeHref } from "../app/routing.js";
import { t } from "../messages/index.js";
import { matchesOf } from "../places/counts.js";
import { Plan } from "../plan/plan.js";
import { useMoves, useSoon } from "../ui/live-hooks.js";
import { Page } from "../ui/page.js";
import { ProblemNote } from "../ui/problem-note.js";
import { useResource } from "../ui/resource.js";
import { RetireDialog } from "../work-list/retire-dialog.js";
import { History } from "./history.js";
import { Identity } from "./identity.js";
import { Whereabouts } from "./whereabouts.js";
import "./item.css";

/** All that is known of one thing. */
export function ItemPage({ id, administrator }: { id: string; administrator: boolean }) {
  const { client } = useApp();
  const item = useResource(id, (signal) => client.item(id, signal));
  const alerts = useCurrentAlerts(id);
  const [changes, setChanges] = useState(0);
  const [retiring, retire] = useState<string | null>(null);
  const reload = useSoon(item.reload, 400, 2_000);
  useMoves(({ item: moved }) => {
    if (moved.id !== id) return;
    item.change((known) => ({ ...known, ...moved }));
    setChanges((n) => n + 1);
    reload();
  });
  const found = item.data;
  if (found === null)
    return (
      <Page title={t.item.loading} className="item">
        {item.error === null ? (
          <p class="wait">{t.item.loading}</p>
        ) : (
          <>
            <ProblemNote error={item.error} {...(isMissing(item.error) ? {} : { retry: item.reload })} />
            <p>
              <a href={homeHref()}>{t.notFound.home}</a>
            </p>
          </>
        )}
      </Page>
    );
  return (
    <Page title={found.name} className="item" heading={<Heading item={found} />}>
      <ProblemNote error={item.error} retry={item.reload} />
      <AlertLinks alerts={alerts} />
      <div class="item-grid">
        <div class="item-facts">
          <Whereabouts item={found} />
          <History id={id} changes={changes} />
        </div>
        <div class="item-aside">
          <section class="card" aria-labelledby="item-plan">
            <h2 id="item-plan">{t.item.onPlan}</h2>
            <Plan selected={found.place?.id ?? null} matches={matchesOf([found])} item={id} />
          </section>
          <Identity item={found} onRetire={administrator ? retire : null} />
        </div>
      </div>
      {retiring !== null && (
        <RetireDialog item={found} epc={retiring} onClose={() => retire(null)} onDone={item.reload} />
      )}
    </Page>
  );
}

function Heading({ item }: { item: ItemDetail }) {
  return (
    <>
      <a class="tap item-kind" href={homeHref(item.kind)}>
        {item.kind}
      </a>
      <span>{item.name}</span>
    </>
  );
}

const isMissing = (error: unknown) => error instanceof ApiError && error.status === 404;
