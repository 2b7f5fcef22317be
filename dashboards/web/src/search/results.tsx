import { useEffect, useState } from "preact/hooks";
import { useApp } from "../app/app.js";
import { homeHref } from "../app/routing.js";
import { t } from "../messages/index.js";
import { Icon } from "../ui/icon.js";
import { ProblemNote } from "../ui/problem-note.js";
import type { Resource } from "../ui/resource.js";
import { ItemList } from "./item-list.js";
import { KindCard } from "./kind-card.js";
import { orderItems } from "./nearest.js";
import { useHere } from "./use-here.js";
import { useNear } from "./use-near.js";
import type { Found } from "./use-search.js";
import { useStill } from "./use-still.js";

/** What a search found: kinds with how many where, then the things themselves. */
export function Results({ q, place, found }: { q: string; place: string | null; found: Resource<Found> }) {
  const { world } = useApp();
  const here = useHere();
  const near = useNear();
  const { data, error, loading, reload } = found;
  const current = data !== null && data.q === q && data.place === place ? data : null;
  const ordered = orderItems(current?.page.items ?? [], near);
  const { shown, handlers } = useStill(ordered, `${q} ${place} ${here}`);
  const filter = place === null ? undefined : world.places.value?.byId.get(place);
  const empty = current !== null && current.kinds.length === 0 && ordered.length === 0;
  const summary =
    current === null ? "" : t.search.summary(current.kinds.length, ordered.length, current.page.next !== null);

  return (
    <section class="results" aria-labelledby="results-heading" data-results aria-busy={loading}>
      <header class="results-head">
        <h2 id="results-heading">{t.search.results}</h2>
        <Spoken text={summary} />
      </header>
      {filter !== undefined && (
        <p class="results-filter">
          <a class="chip" href={homeHref(q)}>
            {t.search.inPlace(filter.name)}
            <Icon name="close" size={16} />
            <span class="unseen">{t.search.everything}</span>
          </a>
        </p>
      )}
      <ProblemNote error={error} retry={reload} />
      {current === null && loading && <p class="muted">{t.loading}</p>}
      {empty && (
        <div class="card empty">
          <p>{t.search.nothing(q)}</p>
          <p class="muted small">{t.search.nothingHint}</p>
        </div>
      )}
      {current !== null && !empty && (
        <p class="small muted">{here === null ? t.search.sayWhere : t.search.nearestFirst}</p>
      )}
      {current?.kinds.map((kind) => (
        <KindCard key={kind.kind} kind={kind} near={near} items={ordered} />
      ))}
      {shown.length > 0 && (
        <section class="card" aria-labelledby="things-heading" {...handlers}>
          <h3 id="things-heading">{t.search.things}</h3>
          <ItemList key={`${q} ${place}`} items={shown} near={near} />
          {current?.page.next != null && <p class="small muted">{t.search.partial(current.page.items.length)}</p>}
        </section>
      )}
    </section>
  );
}

const SPEAK_AFTER_MS = 900;

/** The count, shown at once and spoken when the typing has come to rest. */
function Spoken({ text }: { text: string }) {
  const [said, say] = useState("");
  useEffect(() => {
    const timer = setTimeout(() => say(text), SPEAK_AFTER_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return (
    <>
      <p class="small muted" aria-hidden="true">
        {text}
      </p>
      <p class="unseen" role="status">
        {said}
      </p>
    </>
  );
}
