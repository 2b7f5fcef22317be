import { useState } from "preact/hooks";
import { useApp } from "../app/app.js";
import { homeHref } from "../app/routing.js";
import { groupByKind } from "../feed/group.js";
import { t } from "../messages/index.js";
import { countsFor } from "../places/counts.js";
import { ItemList } from "../search/item-list.js";
import { orderItems } from "../search/nearest.js";
import { useNear } from "../search/use-near.js";
import type { Found } from "../search/use-search.js";
import { useStill } from "../search/use-still.js";
import { CoverageBadge } from "../ui/badge.js";
import { Icon } from "../ui/icon.js";
import { ProblemNote } from "../ui/problem-note.js";
import type { Resource } from "../ui/resource.js";

/** What is in a place, by kind and by name, and how well it is watched. */
export function PlacePanel({ place: id, found }: { place: string; found: Resource<Found> }) {
  const { world, here } = useApp();
  const near = useNear();
  const [kind, setKind] = useState<string | null>(null);
  const places = world.places.value;
  const place = places?.byId.get(id);
  const loaded = found.data?.place === id && found.data.q === "" ? found.data.page.items : null;
  // The API answers with everything under a place; of a zone only what is in its own rooms is meant.
  const all =
    places === null || place === undefined
      ? null
      : (loaded?.filter((item) => item.place !== null && countsFor(places, place, item.place.id)) ?? null);
  const kinds = groupByKind(all ?? []);
  const chosen = kinds.some((group) => group.kind === kind) ? kind : null;
  const ordered = orderItems(
    (all ?? []).filter((item) => chosen === null || item.kind === chosen),
    near,
  );
  const { shown, handlers } = useStill(ordered, `${id} ${chosen}`);
  if (places !== null && place === undefined) return <p class="card muted">{t.place.notFound}</p>;
  if (place === undefined) return null;
  const zoned = places?.rooms(id) ?? [];
  const holds = places
    ?.lineage(id)
    .slice(1)
    .map(({ name }) => name)
    .toReversed()
    .join(" / ");

  return (
    <section class="card place" aria-labelledby="place-heading" data-results {...handlers}>
      <header class="place-head">
        <a class="tap small" href={homeHref()}>
          <Icon name="close" size={16} />
          {t.plan.places}
        </a>
        <h2 id="place-heading">{place.name}</h2>
        <p class="small muted">{holds}</p>
        {zoned.length > 0 && <p class="small muted">{t.place.zone(zoned.map(({ name }) => name))}</p>}
        <div class="place-actions">
          <button
            type="button"
            class="chip"
            aria-pressed={here.value === id}
            onClick={() => {
              here.value = here.value === id ? null : id;
            }}
          >
            <Icon name="pin" size={16} />
            {here.value === id ? t.place.youAreHere : t.place.iAmHere}
          </button>
        </div>
      </header>
      <ul class="read-points" aria-label={t.place.readPoints}>
        {place.readPoints.map((point) => (
          <li key={point.id}>
            <Icon name={point.role === "portal" ? "door" : "shelf"} size={18} />
            <span class="read-point-name">{point.id}</span>
            <CoverageBadge state={point.state} />
            {point.state !== "watching" && <span class="small muted">{t.plan.readPointHint[point.state]}</span>}
          </li>
        ))}
      </ul>
      <ProblemNote error={found.error} retry={found.reload} />
      {all === null && found.loading && <p class="muted">{t.loading}</p>}
      {all?.length === 0 && (
        <p class="muted">{places?.tells(id) === "nothing" ? t.place.emptyUnwatched : t.place.empty}</p>
      )}
      {kinds.length > 1 && (
        <fieldset class="place-kinds">
          <legend class="unseen">{t.place.filter}</legend>
          {kinds.map((group) => (
            <button
              key={group.kind}
              type="button"
              class="chip"
              aria-pressed={chosen === group.kind}
              onClick={() => setKind(chosen === group.kind ? null : group.kind)}
            >
              {group.kind} <span class="num chip-count">{group.items.length}</span>
            </button>
          ))}
        </fieldset>
      )}
      <ItemList items={shown} near={() => null} />
      {found.data?.page.next != null && all !== null && <p class="small muted">{t.search.partial(all.length)}</p>}
    </section>
  );
}
