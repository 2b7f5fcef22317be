import type { Location } from "@storeward/contracts";
import type { PlaceIndex } from "../places/place-index.js";
import { areaOf, centroid, type Point } from "../places/shape.js";
import { boundsOf } from "./geometry.js";
import { type Box, findSpot, labelForms, overlap } from "./labels.js";
import type { Shape } from "./model.js";

export interface Label {
  readonly place: Location;
  readonly at: Point;
  readonly lines: readonly string[];
  /** `count` shows the place's number under its name; `name` only names it, for its things are counted elsewhere. */
  readonly type: "count" | "name" | "pill";
}

export const FONT = 12.5;
/** Room for "000 00?"; what is drawn is as wide as its text. */
export const PILL_WIDTH = 58;
export const PILL_HEIGHT = 20;
const PORTAL = 22;
const GAP = 4;

const around = ([x, y]: Point, width: number, height: number): Box => ({
  x: x - width / 2,
  y: y - height / 2,
  width,
  height,
});

/**
 * Shelves carry a pill with their number; rooms their name, and their number where things are ever said to be in them; a zone that no
 * reader tells apart has its number once, in its largest room.
 */
export function placeLabels(index: PlaceIndex, shapes: readonly Shape[], portals: readonly Point[]): Label[] {
  const labels: Label[] = [];
  const taken: Box[] = portals.map((at) => around(at, PORTAL, PORTAL));
  const hasBoards = new Set(shapes.flatMap((s) => (s.level === "shelf" && !s.tiny ? [s.place.parent] : [])));
  const pills: Box[] = [];

  for (const { place, outline, level, tiny } of shapes) {
    if (level !== "shelf") continue;
    const box = boundsOf(outline);
    if (box !== undefined)
      taken.push({
        x: box.left - GAP,
        y: box.bottom - GAP,
        width: box.right - box.left + 2 * GAP,
        height: box.top - box.bottom + 2 * GAP,
      });
    // A shelf whose boards have their own numbers needs none.
    if (tiny || hasBoards.has(place.id) || index.tells(place.id) === "nothing") continue;
    pill(place, beside(outline, holderOf(place)));
  }
  const rooms = shapes.filter(({ level }) => level === "room");
  const largest = new Map<string, Shape>();
  for (const room of rooms) {
    if (index.tells(room.place.id) === "itself") continue;
    const known = largest.get(room.asks);
    if (known === undefined || areaOf(room.outline) > areaOf(known.outline)) largest.set(room.asks, room);
  }
  for (const room of rooms) {
    const zone = largest.get(room.asks) === room ? index.byId.get(room.asks) : undefined;
    if (zone !== undefined) name(zone, room, "count");
    name(room.place, room, index.tells(room.place.id) === "itself" ? "count" : "name");
  }
  return labels;

  function holderOf(place: Location): readonly Point[] | undefined {
    const line = index.lineage(place.id).slice(1);
    return line.flatMap(({ id }) => shapes.filter((shape) => shape.level === "room" && shape.place.id === id))[0]
      ?.outline;
  }

  function pill(place: Location, at: Point) {
    const box = around(at, PILL_WIDTH, PILL_HEIGHT);
    // Numbers over each other can be read by nobody; the list has them all.
    if (pills.some((other) => overlap(box, other))) return;
    labels.push({ place, at, lines: [], type: "pill" });
    pills.push(box);
    taken.push(box);
  }

  function name(of: Location, { outline }: Shape, type: "count" | "name") {
    for (const form of labelForms(of.name, type === "count" ? "000 · 00?" : "", FONT)) {
      const at = findSpot(outline, taken, { width: form.width + 6, height: form.height + 4 });
      if (at === undefined) continue;
      labels.push({ place: of, at, lines: form.lines, type });
      taken.push(around(at, form.width, form.height));
      return;
    }
    // No room for the name: the number alone, named by the list of places.
    if (type === "count")
      pill(of, findSpot(outline, taken, { width: PILL_WIDTH, height: PILL_HEIGHT }) ?? centroid(outline));
  }
}

/** Where a shelf's number stands: on a broad shelf in its middle, beside a thin one towards the middle of the room. */
function beside(shelf: readonly Point[], room: readonly Point[] | undefined): Point {
  const [x, y] = centroid(shelf);
  const box = boundsOf(shelf);
  if (box === undefined || room === undefined) return [x, y];
  const size = { x: box.right - box.left, y: box.top - box.bottom };
  if (size.x > PILL_WIDTH && size.y > PILL_HEIGHT + GAP) return [x, y];
  const [middleX, middleY] = centroid(room);
  return size.x >= size.y
    ? [x, y + Math.sign(middleY - y) * (size.y / 2 + PILL_HEIGHT / 2 + GAP)]
    : [x + Math.sign(middleX - x) * (size.x / 2 + PILL_WIDTH / 2 - GAP), y];
}
