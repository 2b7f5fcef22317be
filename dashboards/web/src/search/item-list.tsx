import type { Item } from "@storeward/contracts";
import { useState } from "preact/hooks";
import { useApp } from "../app/app.js";
import { itemHref } from "../app/routing.js";
import { t } from "../messages/index.js";
import { TroubleBadge } from "../trouble/trouble.js";
import { Ago } from "../ui/ago.js";
import { ItemBadge } from "../ui/badge.js";
import { Distance } from "./distance.js";
import { stepWithArrows } from "./step-with-arrows.js";

const FIRST = 25;
const NEWS_MS = 6_000;

/** Things with where they are, each a link to all that is known of it. */
export function ItemList({ items, near }: { items: readonly Item[]; near: (place: string) => number | null }) {
  const [most, setMost] = useState(FIRST);
  return (
    <>
      {/* A list without bullets is no list to some readers unless it says so. */}
      {/* biome-ignore lint/a11y/noRedundantRoles: list-style none takes the role away in Safari */}
      <ul class="rows" role="list" onKeyDown={stepWithArrows}>
        {items.slice(0, most).map((item) => (
          <ItemRow key={item.id} item={item} near={near} />
        ))}
      </ul>
      {items.length > most && (
        <button type="button" class="button button-wide" onClick={() => setMost(most + 100)}>
          {t.more}
        </button>
      )}
    </>
  );
}

function ItemRow({ item, near }: { item: Item; near: (place: string) => number | null }) {
  const { world } = useApp();
  const { name, place, state, since, seenAt } = item;
  const news = since !== null && world.now.value.getTime() - Date.parse(since) < NEWS_MS;
  return (
    <li class={news ? "row-news" : undefined} data-testid="result" data-state={state}>
      <a class="row" href={itemHref(item.id)}>
        <span class="row-main">
          <span class="row-name">{name}</span>
          <span class="small row-where">
            {whereInList(item)}
            {state === "unknown"
              ? seenAt !== null && (
                  <span class="muted">
                    {" · "}
                    <Ago at={seenAt} />
                  </span>
                )
              : since !== null && (
                  <span class="muted">
                    {" · "}
                    <Ago at={since} />
                  </span>
                )}
          </span>
          <PreliminaryNote item={item} />
        </span>
        {place !== null && state !== "unknown" && <Distance metres={near(place.id)} />}
        <TroubleBadge trouble={item.trouble} />
        {state !== "here" && <ItemBadge state={state} />}
      </a>
    </li>
  );
}

/** Where a gateway that is catching up sees it now: not certain yet, and better than nothing for whoever looks for it. */
export function PreliminaryNote({ item: { preliminary } }: { item: Pick<Item, "preliminary"> }) {
  if (preliminary === undefined) return null;
  return (
    <span class="small preliminary" data-testid="preliminary">
      {t.preliminary(preliminary.place.name)} <Ago at={preliminary.asOf} />
    </span>
  );
}

/** "Storeroom A", "last seen in Storeroom A": beside a badge that says the state. */
function whereInList({ place, state, seenAt }: Item): string {
  const words = t.whereInList;
  if (place !== null) return words[state](place.name);
  if (state !== "unknown") return words.nowhere;
  return seenAt === null ? words.neverSeen : words.notWhere;
}

/** "Storeroom A", "On the move, last in Storeroom A", "Unknown, last seen in Storeroom A", "Never seen". */
export function whereWords({ place, state, seenAt }: Item): string {
  const words = t.whereabouts;
  if (state === "unknown") {
    if (place !== null) return words.unknown(place.name);
    return seenAt === null ? words.neverSeen : words.notWhere;
  }
  if (place === null) return state === "left" ? words.leftNowhere : words.movingNowhere;
  return words[state](place.name);
}
