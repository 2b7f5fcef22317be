import type { Chances, Pattern } from "./pattern.js";

/* How likely an antenna reads a tag, or misses it, by where the tag is. In nats. */

/** What is usual before a tag is known: at its own board, seen across from the next one, and passing by. */
export const OWN: Chances = { afterRead: 0.7, afterMiss: 0.5 };
export const ACROSS: Chances = { afterRead: 0.4, afterMiss: 0.12 };
export const AWAY: Chances = { afterRead: 0.15, afterMiss: 0.03 };
/** How much weaker than at its own antenna, dB. */
const ACROSS_WEAKER = 14;
const AWAY_WEAKER = 30;
const OWN_SD = 7;
const ACROSS_SD = 9;
const AWAY_SD = 12;
/** RSSI of reads in a row are not independent of each other: each counts for less. */
const RSSI_WEIGHT = 0.5;

/** One round's result for one tag at one board. */
export interface Outcome {
  readonly previous: boolean;
  /** Mean of the round's reads, dBm; undefined for a miss. */
  readonly rssi: number | undefined;
  /** 0 to 1: how much of a chance the round was; a board in a person's shadow misses everything. */
  readonly chance: number;
}

export function usual(outcome: Outcome, relation: "own" | "across" | "away", level: number): number {
  if (relation === "own") return of(outcome, OWN, level, OWN_SD);
  if (relation === "across") return of(outcome, ACROSS, level - ACROSS_WEAKER, ACROSS_SD);
  return of(outcome, AWAY, level - AWAY_WEAKER, AWAY_SD);
}

/** By what has been learnt of this tag where it is now; `level` where no read has told its RSSI yet. */
export function learnt(outcome: Outcome, pattern: Pattern, level: number): number {
  const chances = { afterRead: pattern.chance(true), afterMiss: pattern.chance(false) };
  return of(outcome, chances, pattern.rssi ?? level, pattern.sd);
}

function of({ previous, rssi, chance }: Outcome, chances: Chances, mean: number, sd: number): number {
  const p = Math.min(0.97, Math.max(0.01, previous ? chances.afterRead : chances.afterMiss));
  if (rssi === undefined) return Math.log(1 - p) * chance;
  const z = (rssi - mean) / sd;
  return Math.log(p) + RSSI_WEIGHT * (-0.5 * z * z - Math.log(sd));
}
