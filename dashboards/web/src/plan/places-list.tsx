import type { Location } from "@storeward/contracts";
import { useApp } from "../app/app.js";
import { homeHref } from "../app/routing.js";
import { t } from "../messages/index.js";
import type { PlaceIndex } from "../places/place-index.js";
import { CoverageBadge } from "../ui/badge.js";
import { countAt } from "./counts.js";

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

/** Only places that are ever said to hold something, or whose parts are; containers without a number of their own are left out. */
function inOrder(places: PlaceIndex): { place: Location; depth: number }[] {
  const listed: { place: Location; depth: number }[] = [];
  const zones = new Set(places.list.locations.map(({ observable }) => observable));
  const walk = (place: Location, depth: number) => {
    const container = !["room", "shelf", "bin"].includes(place.type);
    const shown =
      !container || place.items > 0 || (zones.has(place.id) && place.observable === place.id && isZone(places, place));
    if (shown) listed.push({ place, depth: Math.min(depth, 3) });
    for (const child of places.children(place.id)) walk(child, shown ? depth + 1 : depth);
  };
  for (const place of places.list.locations) if (place.parent === null) walk(place, 0);
  return listed;
}

/** A container that stands for rooms no reader tells apart. */
const isZone = (places: PlaceIndex, zone: Location) =>
  places.list.locations.some(({ id, observable }) => observable === zone.id && id !== zone.id);

function Row({ place, depth, places, here }: { place: Location; depth: number; places: PlaceIndex; here: boolean }) {
  const zone = place.observable === place.id ? undefined : places.byId.get(place.observable);
  const { items, unknown } = countAt(places, place);
  const worst = (["blind", "unheard", "doubtful"] as const).find((state) =>
    place.readPoints.some((point) => point.state === state),
  );
  return (
    <li>
      <a class={`row row-depth-${depth}`} href={homeHref("", place.observable)}>
        <span class="row-main">
          <span class="row-name">{place.name}</span>
          {here && <span class="small muted">{t.place.youAreHere}</span>}
          {zone !== undefined && <span class="small muted">{t.plan.countedShort(zone.name)}</span>}
        </span>
        {worst !== undefined && <CoverageBadge state={worst} />}
        {zone === undefined ? (
          <span class="row-figure num">
            {t.number(items)}
            {unknown > 0 && (
              <small class="muted" title={t.plan.counts(items, unknown)}>
                {` ${t.plan.unknownShort(unknown)}`}
              </small>
            )}
          </span>
        ) : (
          <span class="row-figure muted" aria-hidden="true">
            –
          </span>
        )}
      </a>
    </li>
  );
}
