import type { Site } from "@storeward/contracts";
import { E } from "./errors.js";
import type { Room } from "./floor-plan.js";
import { along, apart, distanceToSegment, edgesOf, lineOf, type Point, pointAt, sameLine } from "./geometry.js";

/** A way between two rooms. */
export interface Door {
  /** The portal's read point; undefined where nothing reads. */
  readonly readPoint: string | undefined;
  readonly outside: string;
  readonly inside: string;
  readonly centre: Point;
  /** Unit vector, from outside to inside. */
  readonly inward: Point;
}

/** Doors with portals, and one between each two neighbours that no portal parts. */
export function doorsOf(site: Site, rooms: ReadonlyMap<string, Room>): Door[] {
  const doors: Door[] = [];
  for (const point of site.readPoints) {
    if (point.role !== "portal") continue;
    const [x, y] = point.position ?? [];
    const at: Point | undefined = x === undefined || y === undefined ? undefined : [x, y];
    doors.push(door(rooms, point.outside, point.inside, point.id, at));
  }
  for (const place of site.places) {
    for (const neighbour of place.neighbours ?? []) {
      const known = doors.some(
        ({ outside, inside }) => [outside, inside].sort().join() === [place.id, neighbour].sort().join(),
      );
      if (!known && rooms.has(place.id) && rooms.has(neighbour)) doors.push(door(rooms, place.id, neighbour));
    }
  }
  return doors;
}

function door(
  rooms: ReadonlyMap<string, Room>,
  outside: string,
  inside: string,
  readPoint?: string,
  position?: Point,
): Door {
  const outer = rooms.get(outside);
  const inner = rooms.get(inside);
  if (outer === undefined || inner === undefined) {
    throw E.SITE_NOT_SIMULATED({
      problem: `the door between ${outside} and ${inside} does not lead from room to room`,
    });
  }
  const centre = position ?? sharedMiddle(outer, inner);
  return { readPoint, outside, inside, centre, inward: normalAt(inner, centre) };
}

/** The middle of the wall that both rooms share; half way between them if they share none. */
function sharedMiddle(a: Room, b: Room): Point {
  let best: { length: number; at: Point } | undefined;
  for (const one of edgesOf(a.outline)) {
    for (const other of edgesOf(b.outline)) {
      const line = lineOf(one);
      if (!sameLine(line, lineOf(other))) continue;
      const ends = [one, other].map((edge) => edge.map((point) => along(line, point)).sort((p, q) => p - q));
      const from = Math.max(ends[0]?.[0] ?? 0, ends[1]?.[0] ?? 0);
      const to = Math.min(ends[0]?.[1] ?? 0, ends[1]?.[1] ?? 0);
      if (to - from > (best?.length ?? 0.9)) best = { length: to - from, at: pointAt(line, (from + to) / 2) };
    }
  }
  return best?.at ?? [(a.centre[0] + b.centre[0]) / 2, (a.centre[1] + b.centre[1]) / 2];
}

/** Square to the room's wall at the door, into the room. */
function normalAt(room: Room, at: Point): Point {
  const edges = [...edgesOf(room.outline)].sort((a, b) => distanceToSegment(at, a) - distanceToSegment(at, b));
  const [nearest] = edges;
  const [dx, dy] = nearest === undefined ? [1, 0] : lineOf(nearest).direction;
  const towards = (room.centre[0] - at[0]) * -dy + (room.centre[1] - at[1]) * dx;
  return towards >= 0 ? [-dy, dx] : [dy, -dx];
}

/** The doors to go through from one room to another, fewest first; undefined when there is no way. */
export function route(doors: readonly Door[], from: string, to: string): { door: Door; into: string }[] | undefined {
  const cameBy = new Map<string, { door: Door; into: string; before: string } | undefined>([[from, undefined]]);
  const queue = [from];
  for (let room = queue.shift(); room !== undefined; room = queue.shift()) {
    for (const one of doors) {
      const into = one.outside === room ? one.inside : one.inside === room ? one.outside : undefined;
      if (into === undefined || cameBy.has(into)) continue;
      cameBy.set(into, { door: one, into, before: room });
      queue.push(into);
    }
  }
  if (!cameBy.has(to)) return undefined;
  const steps: { door: Door; into: string }[] = [];
  for (let step = cameBy.get(to); step !== undefined; step = cameBy.get(step.before)) {
    steps.unshift({ door: step.door, into: step.into });
  }
  return steps;
}

export function nearDoor(doors: readonly Door[], at: Point, metres: number): boolean {
  return doors.some((one) => one.readPoint !== undefined && apart(one.centre, at) < metres);
}
