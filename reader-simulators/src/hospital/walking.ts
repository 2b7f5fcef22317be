import { type Door, route } from "./doors.js";
import type { FloorPlan } from "./floor-plan.js";
import type { Point } from "./geometry.js";
import type { Action } from "./state.js";

/** How far before and behind a door one heads straight for it, metres. */
const APPROACH = 0.9;

/** The walks from a spot in one room to a spot in another; `aside` is where in the door's width, metres. Empty when there is no way. */
export function walksTo(plan: FloorPlan, from: string, to: string, target: Point, aside: number): Action[] {
  const doors = route(plan.doors, from, to);
  if (doors === undefined) return [];
  const walks: Action[] = [];
  for (const { door, into } of doors) {
    const inside = into === door.inside;
    const side = inside ? 1 : -1;
    const direction = inside ? "in" : "out";
    const { readPoint } = door;
    walks.push({ do: "walk", to: atDoor(door, -side * APPROACH, aside) });
    walks.push({
      do: "walk",
      to: atDoor(door, 0, aside),
      crosses: readPoint === undefined ? { into } : { into, readPoint, direction },
    });
    walks.push({ do: "walk", to: atDoor(door, side * APPROACH, aside) });
  }
  walks.push({ do: "walk", to: target });
  return walks;
}

/** A spot so many metres inside (or, negative, outside) a door and so many aside of its middle. */
export function atDoor({ centre, inward }: Door, inside: number, aside: number): Point {
  return [centre[0] + inside * inward[0] + aside * inward[1], centre[1] + inside * inward[1] - aside * inward[0]];
}
