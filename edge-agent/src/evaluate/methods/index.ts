import type { Ground, Method } from "../claims.js";
import { EdgeX } from "./edgex.js";
import { Smurf } from "./smurf.js";
import { Storeward } from "./storeward.js";
import { FixedWindow } from "./window.js";

/** The filters of this program, and what they are compared with. */
export function allMethods(ground: Ground): Method[] {
  const { readPoints } = ground;
  return [
    new Storeward(ground),
    new FixedWindow(readPoints),
    // As its configuration ships, and as its manual said first.
    new EdgeX(readPoints, { departsMs: 600_000, checkMs: 30_000 }),
    new EdgeX(readPoints, { departsMs: 30_000, checkMs: 10_000 }),
    new Smurf(readPoints),
  ];
}
