import type { Location } from "@storeward/contracts";
import { asPoint, centroid, type PlaceIndex, type Point } from "../places/place-index.js";
import { type Floor, outlineOf } from "./floors.js";
import { boundsOf, fitPlan, type Projection } from "./geometry.js";
import { type Box, findSpot, labelForms } from "./labels.js";

export interface Shape {
  readonly place: Location;
  /** What tapping it asks for: the smallest place that is ever said to hold something here. */
  readonly asks: string;
  readonly level: "ground" | "room" | "shelf";
  readonly outline: readonly Point[];
}

export interface Label {
  readonly place: Location;
  readonly at: Point;
  readonly lines: readonly string[];
  /** `count` shows the place's number under its name; `name` only names it, for its things are counted elsewhere. */
  readonly type: "count" | "name" | "pill";
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
  /** The point that stands for a place: where its number is, else its middle. */
  spot(place: string): Point | null;
}

export const FONT = 12.5;
const PORTAL = 22;
/** Room for "000 00?"; what is drawn is as wide as its text. */
const PILL_WIDTH = 58;
export const PILL_HEIGHT = 20;

const LEVELS = {
  site: "ground",
  building: "ground",
  floor: "ground",
  department: "ground",
  room: "room",
  shelf: "shelf",
  bin: "shelf",
} as const;

/** Everything of a floor's drawing but its numbers. Null where there is nothing to draw. */
export function planModel(index: PlaceIndex, floor: Floor, width: number, maxHeight: number): PlanModel | null {
  const bounds = boundsOf(floor.places.flatMap(outlineOf));
  if (bounds === undefined) return null;
  const projection = fitPlan(bounds, width, maxHeight);
  const shapes = floor.places
    .map((place): Shape => {
      const outline = outlineOf(place).map(projection.project);
      return { place, asks: place.observable, level: LEVELS[place.type], outline };
    })
    .toSorted((a, b) => rank(a) - rank(b) || area(b.outline) - area(a.outline));
  const portals = floor.places.flatMap((place) =>
    place.readPoints.flatMap(({ id, role, position, state }) =>
      role === "portal" && position !== null ? [{ id, state, at: projection.project(asPoint(position)) }] : [],
    ),
  );
  const labels = placeLabels(index, shapes, portals);
  const spots = new Map<string, Point>();
  for (const { place, outline } of shapes) spots.set(place.id, centroid(outline));
  for (const { place, at, type } of labels) if (type !== "name" || !spots.has(place.id)) spots.set(place.id, at);
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

const rank = ({ level }: Shape) => (level === "ground" ? 0 : level === "room" ? 1 : 2);

function area(outline: readonly Point[]): number {
  let sum = 0;
  outline.forEach(([x0, y0], i) => {
    const [x1, y1] = outline[(i + 1) % outline.length] ?? [x0, y0];
    sum += x0 * y1 - x1 * y0;
  });
  return Math.abs(sum / 2);
}

const around = ([x, y]: Point, width: number, height: number): Box => ({
  x: x - width / 2,
  y: y - height / 2,
  width,
  height,
});

/**
 * Shelves carry a pill with their number; rooms their name, and their number where things are ever said to be in them; a zone that no reader
 * tells apart has its number once, in its largest room.
 */
function placeLabels(index: PlaceIndex, shapes: readonly Shape[], portals: readonly Portal[]): Label[] {
  const labels: Label[] = [];
  const taken: Box[] = portals.map(({ at }) => around(at, PORTAL, PORTAL));
  for (const { place, outline, level } of shapes) {
    if (level !== "shelf") continue;
    const at = centroid(outline);
    labels.push({ place, at, lines: [], type: "pill" });
    taken.push(around(at, PILL_WIDTH, PILL_HEIGHT));
    const box = boundsOf(outline);
    if (box !== undefined)
      taken.push({ x: box.left, y: box.bottom, width: box.right - box.left, height: box.top - box.bottom });
  }
  const rooms = shapes.filter(({ level }) => level === "room");
  const zones = new Map<string, Shape>();
  for (const room of rooms) {
    if (room.place.observable === room.place.id) continue;
    const known = zones.get(room.asks);
    if (known === undefined || area(room.outline) > area(known.outline)) zones.set(room.asks, room);
  }
  for (const room of rooms) {
    const zone = zones.get(room.asks) === room ? index.byId.get(room.asks) : undefined;
    const counted = room.place.observable === room.place.id;
    place(room.place, room, counted ? "count" : "name");
    if (zone !== undefined) place(zone, room, "count");
  }
  return labels;

  function place(of: Location, { outline }: Shape, type: "count" | "name") {
    for (const form of labelForms(of.name, type === "count" ? "000 · 00?" : "", FONT)) {
      const at = findSpot(outline, taken, { width: form.width + 6, height: form.height + 4 });
      if (at === undefined) continue;
      labels.push({ place: of, at, lines: form.lines, type });
      taken.push(around(at, form.width, form.height));
      return;
    }
    if (type === "name") return;
    // No room for the name: the number alone, named by the list of places.
    const at = findSpot(outline, taken, { width: PILL_WIDTH, height: PILL_HEIGHT }) ?? centroid(outline);
    labels.push({ place: of, at, lines: [], type: "pill" });
    taken.push(around(at, PILL_WIDTH, PILL_HEIGHT));
  }
}
