import type { TroubleKind } from "@storeward/contracts";
import { useApp } from "../app/app.js";
import { troubleHref } from "../app/routing.js";
import { t } from "../messages/index.js";
import { ItemList } from "../search/item-list.js";
import { useNear } from "../search/use-near.js";
import { useMoves, useSoon } from "../ui/live-hooks.js";
import { Page } from "../ui/page.js";
import { ProblemNote } from "../ui/problem-note.js";
import { useResource } from "../ui/resource.js";
import { TROUBLES } from "./trouble.js";

const MOST = 300;

/** What is in a wrong place, or missing. */
export function TroublePage({ kind }: { kind: TroubleKind }) {
  const { client } = useApp();
  const near = useNear();
  const found = useResource(kind, (signal) => client.items({ trouble: kind, limit: MOST }, signal));
  const soon = useSoon(found.reload, 2_000, 10_000);
  useMoves(() => soon());
  const words = t.trouble;
  return (
    <Page title={words.kinds[kind]} heading={words.title} className="trouble">
      <nav class="chips" aria-label={words.title}>
        {TROUBLES.map((each) => (
          <a key={each} class="chip" href={troubleHref(each)} aria-current={each === kind ? "page" : undefined}>
            {words.kinds[each]}
          </a>
        ))}
      </nav>
      <p class="lead">{words.lead[kind]}</p>
      <ProblemNote error={found.error} retry={found.reload} />
      {found.data === null && found.loading && <p class="muted">{t.loading}</p>}
      {found.data?.items.length === 0 && <p class="card empty">{words.none[kind]}</p>}
      {found.data !== null && found.data.items.length > 0 && (
        <section class="card" aria-label={words.kinds[kind]}>
          <ItemList key={kind} items={found.data.items} near={near} />
          {found.data.next !== null && <p class="small muted">{words.partial(found.data.items.length)}</p>}
        </section>
      )}
    </Page>
  );
}
