import type { Draft } from "./testing.js";

/* What agents observe, for tests; times are milliseconds since 1970. */

export const STRENGTH = { rounds: 18, reads: 12, antennas: [{ antenna: 1, reads: 12, rssiMax: -42, rssiMean: -44 }] };
let ids = 0;
const id = () => (++ids).toString(16).padStart(32, "0");

export function arrived(tag: number, readPoint: string, first: number, rssiMean = -44): Draft {
  const strength = { ...STRENGTH, antennas: [{ antenna: 1, reads: 12, rssiMax: rssiMean + 2, rssiMean }] };
  return { type: "arrived", tag, readPoint, first, strength };
}

export function departed(tag: number, readPoint: string, last: number, decided = last + 3000): Draft {
  return { type: "departed", tag, readPoint, last, decided, expectedRate: 0.7 };
}

export function passed(
  tag: number,
  readPoint: string,
  at: number,
  direction: "in" | "out" | "unknown",
  pass = id(),
): Draft {
  const early = { reads: 4, first: at - 900, last: at - 100, rssiMax: -50 };
  const late = { reads: 4, first: at + 100, last: at + 900, rssiMax: -50 };
  const sides = direction === "in" ? { outside: early, inside: late } : { inside: early, outside: late };
  return { type: "passed", pass, tag, readPoint, direction, p: 0.97, sides };
}

export function inventory(readPoint: string, at: number, tags: number[], part = 1, parts = 1, inventory = id()): Draft {
  return {
    type: "inventoried",
    inventory,
    part,
    parts,
    readPoint,
    from: at - 5000,
    to: at,
    rounds: 20,
    completeness: 0.99,
    reason: "start",
    tags: tags.map((tag) => ({ tag, strength: STRENGTH })),
  };
}
