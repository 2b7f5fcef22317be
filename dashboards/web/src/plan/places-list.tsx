import type { Location } from "@storeward/contracts";
import { useApp } from "../app/app.js";
import { homeHref } from "../app/routing.js";
import { t } from "../messages/index.js";
import { countAt } from "../places/counts.js";
import { isContainer, type PlaceIndex } from "../places/place-index.js";
import { CoverageBadge } from "../ui/badge.js";

/** Every place in words: the plan for those who do not see it, or have no room for it. */
export function PlacesList() {
  const { world, here } = useApp();
  const places = world.places.value;
  if (places === null) return null;
  return (
    <section class="card" aria-labelledby="places-heading">
      <h2 id="places-heading">{t.plan.places}</h2>
      <ul class="rows places">
        {inOrder(places).map(({ place, depth }) => (
          <Row key={place.id} place={place} depth={depth} places={places} here={here.value === place.id} />
        ))}
      </ul>
    </section>
  );
}

/** Rooms and what is in them, and of what holds rooms only zones that stand for rooms nobody tells apart. */
function inOrder(places: PlaceIndex): { place: Location; depth: number }[] {
  const listed: { place: Location; depth: number }[] = [];
  const walk = (place: Location, depth: number) => {
    const shown = !isContainer(place) || place.items > 0 || places.rooms(place.id).length > 0;
    if (shown) listed.push({ place, depth: Math.min(depth, 3) });
    for (const child of places.children(place.id)) walk(child, shown ? depth + 1 : depth);
  };
  for (const place of places.list.locations) if (place.parent === null) walk(place, 0);
  return listed;
}

function Row({ place, depth, places, here }: { place: Location; depth: number; places: PlaceIndex; here: boolean }) {
  const tells = places.tells(place.id);
  const zone = tells === "itself" || !isRoom(place) ? undefined : places.byId.get(place.observable);
  const { items, unknown } = countAt(places, place);
  const worst = (["blind", "unheard", "doubtful"] as const).find((state) =>
    place.readPoints.some((point) => point.state === state),
  );
  return (
    <li>
      <a class={`row row-depth-${depth}`} href={homeHref("", tells === "nothing" ? place.observable : place.id)}>
        <span class="row-main">
          <span class="row-name">{place.name}</span>
          {here && <span class="small muted">{t.place.youAreHere}</span>}
          {zone !== undefined && (
            <span class="small muted">
              {tells === "parts" ? t.plan.restUnder(zone.name) : t.plan.countedShort(zone.name)}
            </span>
          )}
        </span>
        {worst !== undefined && <CoverageBadge state={worst} />}
        {tells === "nothing" ? (
          <span class="row-figure muted" aria-hidden="true">
            –
          </span>
        ) : (
          <span class="row-figure num" title={t.plan.counts(items, unknown)}>
            {t.number(items)}
            {unknown > 0 && <small class="muted">{` ${t.plan.unknownShort(unknown)}`}</small>}
          </span>
        )}
      </a>
    </li>
  );
}

const isRoom = ({ type }: Location) => type === "room";
