import type { Location } from "@storeward/contracts";
import { homeHref } from "../app/routing.js";
import { t } from "../messages/index.js";
import { countAt, type Matches, matchesAt } from "../places/counts.js";
import type { PlaceIndex } from "../places/place-index.js";
import type { Point } from "../places/shape.js";
import { polygonPoints } from "./geometry.js";
import type { Shape } from "./model.js";

interface ShapeProps {
  readonly shape: Shape;
  readonly places: PlaceIndex;
  readonly matches: Matches | null;
  readonly selected: boolean;
  readonly arriving: boolean;
  /** Where its number stands beside it: tapping that is tapping it. */
  readonly pill: Point | undefined;
}

/** A place on the plan; tapping it asks what is there. */
export function ShapeLink({ shape, places, matches, selected, arriving, pill }: ShapeProps) {
  const { place, asks, level, outline, tiny } = shape;
  const points = polygonPoints(outline);
  if (level === "ground") return <polygon class="plan-ground" points={points} />;
  // The shape may be of a moment ago; its numbers are of now.
  const now = places.byId.get(place.id) ?? place;
  const asked = places.byId.get(asks) ?? now;
  const found = matches !== null && matchesAt(places, asked, matches) > 0;
  const classes = [
    `plan-place plan-${level}`,
    ...(asks === place.id ? [] : ["plan-shared"]),
    ...(selected ? ["plan-selected"] : found ? ["plan-found"] : []),
    ...(arriving ? ["plan-arriving"] : []),
  ].join(" ");
  if (tiny)
    return (
      <g class={`${classes} plan-tiny`} data-state={shelfState(places, now)}>
        <polygon class="plan-shape" points={points} />
      </g>
    );
  const words = t.plan.placeLabel(place.name, countWords(places, now, asked));
  return (
    <a
      href={homeHref("", asks)}
      class={classes}
      aria-label={words}
      aria-current={selected ? "true" : undefined}
      data-testid={`plan-place-${place.code}`}
      data-state={shelfState(places, now)}
    >
      <title>{words}</title>
      <polygon class="plan-shape" points={points} />
      {level === "shelf" && <polygon class="plan-reach" points={points} />}
      {pill !== undefined && <circle class="plan-reach" cx={pill[0]} cy={pill[1]} r="12" />}
    </a>
  );
}

function countWords(places: PlaceIndex, place: Location, asked: Location): string {
  if (asked !== place) return t.plan.countedUnder(asked.name);
  const { items, unknown } = countAt(places, place);
  return t.plan.counts(items, unknown);
}

/** The worst of a shelf's own readers and of those of its boards; none where it has none. */
function shelfState(places: PlaceIndex, place: Location): string {
  const points = [place, ...places.children(place.id)].flatMap(({ readPoints }) => readPoints);
  const states = points.filter(({ role }) => role === "shelf").map(({ state }) => state);
  return (["blind", "unheard", "doubtful", "watching"] as const).find((state) => states.includes(state)) ?? "none";
}
