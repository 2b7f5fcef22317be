import type { RadioTag } from "../radio/scene.js";
import type { Vec3 } from "../radio/vector.js";
import type { Random } from "../random.js";
import { nearDoor } from "./doors.js";
import type { FloorPlan, Room } from "./floor-plan.js";
import { apart, boundsOf, contains, distanceToSegment, edgesOf, type Point } from "./geometry.js";
import { kindTraits } from "./kinds.js";

/** The room that a place is or stands in; undefined for places that hold nothing. */
export function roomOf(plan: FloorPlan, place: string): string | undefined {
  return plan.boards.get(place)?.room ?? plan.rooms.get(place)?.id;
}

/** Where one stands to reach a thing. */
export function standAt(plan: FloorPlan, place: string, [x, y]: Vec3): Point {
  const board = plan.boards.get(place);
  if (board === undefined) {
    const room = plan.rooms.get(place);
    const [cx, cy] = room?.centre ?? [x, y];
    const far = Math.hypot(cx - x, cy - y) || 1;
    return [x + (0.5 * (cx - x)) / far, y + (0.5 * (cy - y)) / far];
  }
  const [left, right, low, high] = board.bounds;
  const wide = right - left >= high - low;
  return wide ? [x, board.stand[1]] : [board.stand[0], y];
}

/** A free spot for a thing: on the board, or on the floor away from walls, doors with portals and boards. */
export function spotIn(plan: FloorPlan, place: string, kind: string, random: Random): Vec3 {
  const board = plan.boards.get(place);
  if (board !== undefined) {
    const [left, right, low, high] = board.bounds;
    return [
      random.between(left + 0.15, right - 0.15),
      random.between(low + 0.1, high - 0.1),
      board.antenna[2] + random.between(0.1, 0.35),
    ];
  }
  const room = plan.rooms.get(place);
  const [x, y] = room === undefined ? [0, 0] : floorSpot(plan, room, random);
  const { wheeled, height } = kindTraits(kind);
  return [x, y, wheeled ? height : random.between(0.4, 1)];
}

/** Tries for a spot that obstructs nothing; the last one tried if the room is too small for that. */
export function floorSpot(plan: FloorPlan, room: Room, random: Random): Point {
  const [left, right, low, high] = boundsOf(room.outline);
  const edges = edgesOf(room.outline);
  let spot: Point = room.centre;
  for (let attempt = 0; attempt < 60; attempt++) {
    const at: Point = [random.between(left, right), random.between(low, high)];
    if (!contains(room.outline, at) || edges.some((edge) => distanceToSegment(at, edge) < 0.4)) continue;
    spot = at;
    const boards = [...plan.boards.values()];
    const atBoard = boards.some(({ antenna }) => apart([antenna[0], antenna[1]], at) < 1.5);
    if (!atBoard && !nearDoor(plan.doors, at, 2.5)) return at;
  }
  return spot;
}

/** Labels are stuck on in all directions. */
export function randomAxis(random: Random): RadioTag["axis"] {
  return [random.normal(), random.normal(), random.normal()];
}
