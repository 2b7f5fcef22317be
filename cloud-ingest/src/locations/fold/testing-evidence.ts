import { compareKeys, type Evidence, type Fact, type Zone } from "./evidence.js";
import { fold } from "./fold.js";
import { EMPTY } from "./state.js";

/* Evidence for tests: two stores with a door each to one corridor, two boards in the first and one in the second. Times are milliseconds. */

export const STORE: Zone = { place: "store", watched: true };
export const OTHER: Zone = { place: "other-store", watched: true };
export const CORRIDOR: Zone = { place: "corridor", watched: false };
export const SHELVES = {
  a1: { readPoint: "a1", place: "board-1", zone: STORE },
  a2: { readPoint: "a2", place: "board-2", zone: STORE },
  b1: { readPoint: "b1", place: "bin-1", zone: OTHER },
};
export type Shelf = keyof typeof SHELVES;

let seq = 0;
export const row = (at: number, agent: string, fact: Fact, number = ++seq): Evidence => ({
  at,
  agent,
  epoch: `e-${agent}`,
  seq: number,
  tag: 1,
  fact,
});
export const present = (
  at: number,
  shelf: Shelf,
  strength: Partial<{ reads: number; rounds: number; rssi: number; seenAt: number }> = {},
) =>
  row(at, shelf[0] ?? "a", {
    kind: "present",
    ...SHELVES[shelf],
    reads: 12,
    rounds: 18,
    rssi: -44,
    seenAt: at,
    ...strength,
  });
export const gone = (at: number, shelf: Shelf) => row(at, shelf[0] ?? "a", { kind: "gone", ...SHELVES[shelf] });
export const crossed = (
  at: number,
  door: "store" | "other",
  direction: "in" | "out" | "unknown",
  p = 0.9,
  rssi?: number,
) =>
  row(at, `door-${door}`, {
    kind: "crossed",
    readPoint: `door-${door}`,
    inside: door === "store" ? STORE : OTHER,
    outside: CORRIDOR,
    direction,
    p,
    seenAt: at + 300,
    ...(rssi === undefined ? {} : { rssi }),
  });
export const near = (at: number) => row(at, "door-store", { kind: "near", readPoint: "door-store", seenAt: at });
export const beside = (at: number, rssi: number, lean = 12) =>
  row(at, "door-store", {
    kind: "near",
    readPoint: "door-store",
    seenAt: at,
    inside: STORE,
    outside: CORRIDOR,
    lean,
    rssi,
  });
export const missed = (at: number, shelf: Shelf) =>
  row(at, shelf[0] ?? "a", { kind: "missed", ...SHELVES[shelf], completeness: 0.99 });

export const run = (...evidence: Evidence[]) => fold(EMPTY, [...evidence].sort(compareKeys));
export const places = (...evidence: Evidence[]) => run(...evidence).stays.map((stay) => stay.place);
export const S = 1000;
