import type { Location } from "@storeward/contracts";
import type { PlaceIndex } from "../places/place-index.js";
import { areaOf, asPoint, centroid, type Point } from "../places/shape.js";
import { type Floor, outlineOf } from "./floors.js";
import { boundsOf, fitPlan, type Projection } from "./geometry.js";
import { type Label, placeLabels } from "./place-labels.js";

export interface Shape {
  readonly place: Location;
  /** What tapping it asks for: the smallest place that is ever said to hold something here. */
  readonly asks: string;
  readonly level: "ground" | "room" | "shelf";
  readonly outline: readonly Point[];
  /** Too small to be tapped or numbered by itself: the shelf around it stands for it. */
  readonly tiny: boolean;
}

export interface Portal {
  readonly id: string;
  readonly at: Point;
  readonly state: Location["readPoints"][number]["state"];
}

export interface PlanModel {
  readonly projection: Projection;
  readonly shapes: readonly Shape[];
  readonly labels: readonly Label[];
  readonly portals: readonly Portal[];
  /** The point that stands for a place: where its number is, else its middle. Null where it is not on this plan. */
  spot(place: string): Point | null;
}

const LEVELS = {
  site: "ground",
  building: "ground",
  floor: "ground",
  department: "ground",
  room: "room",
  shelf: "shelf",
  bin: "shelf",
} as const;
const ORDER = { ground: 0, room: 1, shelf: 2 } as const;
/** Pixels that a shelf's board needs to have a number of its own. */
const BOARD = 44;

/** Everything of a floor's drawing but its numbers. Null where there is nothing to draw. */
export function planModel(index: PlaceIndex, floor: Floor, width: number, maxHeight: number): PlanModel | null {
  const bounds = boundsOf(floor.places.flatMap(outlineOf));
  if (bounds === undefined) return null;
  const projection = fitPlan(bounds, width, maxHeight);
  const shapes = shapesOf(index, floor, projection);
  const portals = floor.places.flatMap((place) =>
    place.readPoints.flatMap(({ id, role, position, state }) =>
      role === "portal" && position !== null ? [{ id, state, at: projection.project(asPoint(position)) }] : [],
    ),
  );
  const labels = placeLabels(
    index,
    shapes,
    portals.map(({ at }) => at),
  );
  const spots = new Map<string, Point>();
  for (const { place, outline } of shapes) spots.set(place.id, centroid(outline));
  for (const { place, at, type } of labels) if (type !== "name") spots.set(place.id, at);
  return {
    projection,
    shapes,
    labels,
    portals,
    spot: (id) => {
      for (const place of index.lineage(id)) {
        const at = spots.get(place.id);
        if (at !== undefined) return at;
      }
      return null;
    },
  };
}

function shapesOf(index: PlaceIndex, floor: Floor, projection: Projection): Shape[] {
  const drawn = new Set(floor.places.map(({ id }) => id));
  return floor.places
    .map((place): Shape => {
      const outline = outlineOf(place).map(projection.project);
      const level = LEVELS[place.type];
      const box = boundsOf(outline);
      const long = box === undefined ? 0 : Math.max(box.right - box.left, box.top - box.bottom);
      const onShelf = place.parent !== null && drawn.has(place.parent) && isShelf(index.byId.get(place.parent));
      const tiny = level === "shelf" && onShelf && long < BOARD;
      const asks = level === "shelf" && index.tells(place.id) !== "nothing" ? place.id : place.observable;
      return { place, asks, level, outline, tiny };
    })
    .toSorted((a, b) => ORDER[a.level] - ORDER[b.level] || areaOf(b.outline) - areaOf(a.outline));
}

const isShelf = (place: Location | undefined) => place?.type === "shelf" || place?.type === "bin";
