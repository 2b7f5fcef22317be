import type { Item, KindSummary } from "@storeward/contracts";
import { useId } from "preact/hooks";
import { homeHref } from "../app/routing.js";
import { t } from "../messages/index.js";
import { Ago } from "../ui/ago.js";
import { Distance } from "./distance.js";
import { countStates, orderRows } from "./nearest.js";
import { stepWithArrows } from "./step-with-arrows.js";

type Row = KindSummary["places"][number];

/** How many of a kind are where: nearest first, the unknown ones last. */
export function KindCard({
  kind,
  near,
  items,
}: {
  kind: KindSummary;
  near: (place: string) => number | null;
  /** What was found, to say when an unknown one was seen last. */
  items: readonly Item[];
}) {
  const heading = useId();
  const counts = countStates(kind);
  return (
    <section class="card kind" aria-labelledby={heading} data-testid="kind">
      <header class="kind-head">
        <h3 id={heading}>{kind.kind}</h3>
        <p class="kind-total">
          <strong class="num">{t.number(kind.total)}</strong>
        </p>
        <p class="small muted kind-counts">
          {t.search.counts(counts.here, counts.moving, counts.left, counts.unknown)}
        </p>
      </header>
      {/* biome-ignore lint/a11y/noRedundantRoles: list-style none takes the role away in Safari */}
      <ul class="rows" role="list" onKeyDown={stepWithArrows}>
        {orderRows(kind.places, near).map((row) => (
          <PlaceRow key={`${row.place?.id} ${row.state}`} kind={kind.kind} row={row} near={near} items={items} />
        ))}
      </ul>
    </section>
  );
}

function PlaceRow({
  kind,
  row,
  near,
  items,
}: {
  kind: string;
  row: Row;
  near: (place: string) => number | null;
  items: readonly Item[];
}) {
  const { place, state, count } = row;
  const seen = state === "unknown" ? lastSeen(kind, row, items) : null;
  const text = (
    <>
      <span class="row-figure num">{t.number(count)}</span>
      <span class="row-main">
        <span class={state === "here" ? "row-name" : ""}>{rowWords(row)}</span>
        {seen !== null && (
          <span class="small muted">
            {t.search.lastSeen} <Ago at={seen} />
          </span>
        )}
      </span>
      {place !== null && state !== "unknown" && <Distance metres={near(place.id)} />}
    </>
  );
  return (
    <li data-state={state}>
      {place === null ? (
        <span class="row">{text}</span>
      ) : (
        <a class="row" href={homeHref(kind, place.id)}>
          {text}
        </a>
      )}
    </li>
  );
}

function rowWords({ place, state }: Row): string {
  const words = t.search;
  if (place === null) return state === "unknown" ? words.notLocated : t.state[state];
  const by = { here: words.hereIn, moving: words.movingFrom, left: words.leftInto, unknown: words.unknownLast };
  return by[state](place.name);
}

/** When the last of them was seen, where the items found tell. */
function lastSeen(kind: string, { place, state }: Row, items: readonly Item[]): string | null {
  const times = items.flatMap((item) =>
    item.kind === kind && item.state === state && item.place?.id === place?.id && item.seenAt !== null
      ? [item.seenAt]
      : [],
  );
  return times.toSorted().at(-1) ?? null;
}
