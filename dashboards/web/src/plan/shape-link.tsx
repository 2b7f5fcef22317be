import type { Location } from "@storeward/contracts";
import { homeHref } from "../app/routing.js";
import { t } from "../messages/index.js";
import type { PlaceIndex } from "../places/place-index.js";
import { countAt, type Matches, matchesAt } from "./counts.js";
import { polygonPoints } from "./geometry.js";
import type { Shape } from "./model.js";

interface ShapeProps {
  readonly shape: Shape;
  readonly places: PlaceIndex;
  readonly matches: Matches | null;
  readonly selected: boolean;
  readonly arriving: boolean;
}

/** A place on the plan; tapping it asks what is there. */
export function ShapeLink({ shape: { place, asks, level, outline }, places, matches, selected, arriving }: ShapeProps) {
  const points = polygonPoints(outline);
  if (level === "ground") return <polygon class="plan-ground" points={points} />;
  // The shape may be of a moment ago; its numbers are of now.
  const now = places.byId.get(place.id) ?? place;
  const asked = places.byId.get(asks);
  const own = asks === place.id || asked === undefined;
  const { items, unknown } = countAt(places, now);
  const words = t.plan.placeLabel(place.name, own ? t.plan.counts(items, unknown) : t.plan.countedUnder(asked.name));
  const found = matches !== null && matchesAt(places, asked ?? now, matches) > 0;
  const classes = [
    `plan-place plan-${level}`,
    ...(own ? [] : ["plan-shared"]),
    ...(selected ? ["plan-selected"] : found ? ["plan-found"] : []),
    ...(arriving ? ["plan-arriving"] : []),
  ];
  return (
    <a
      href={homeHref("", asks)}
      class={classes.join(" ")}
      aria-label={words}
      aria-current={selected ? "true" : undefined}
      data-testid={`plan-place-${place.code}`}
      data-state={shelfState(now)}
    >
      <title>{words}</title>
      <polygon class="plan-shape" points={points} />
      {level === "shelf" && <polygon class="plan-reach" points={points} />}
    </a>
  );
}

/** The worst of a place's own shelf readers; none where it has none. */
function shelfState(place: Location): string {
  const states = place.readPoints.filter(({ role }) => role === "shelf").map(({ state }) => state);
  return (["blind", "unheard", "doubtful", "watching"] as const).find((state) => states.includes(state)) ?? "none";
}
