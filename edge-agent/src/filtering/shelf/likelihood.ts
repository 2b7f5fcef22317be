import type { Chances, Pattern } from "./pattern.js";

/* How likely an antenna reads a tag, or misses it, by where the tag is. In nats. */

/** What is usual before a tag is known: at its own board, seen across from the next one, and passing by. */
export const OWN: Chances = { afterRead: 0.7, afterMiss: 0.5 };
export const ACROSS: Chances = { afterRead: 0.4, afterMiss: 0.12 };
const AWAY: Chances = { afterRead: 0.15, afterMiss: 0.03 };
/** How much weaker than at its own antenna, dB. */
const ACROSS_WEAKER = 14;
const AWAY_WEAKER = 30;
const OWN_SD = 7;
const ACROSS_SD = 9;
const AWAY_SD = 12;
/** RSSI of reads in a row are not independent of each other: each counts for less. */
const RSSI_WEIGHT = 0.5;

/** One round's result for one tag at one board. One object is used for all rounds: it is asked for millions of times. */
export interface Outcome {
  read: boolean;
  /** Whether it was read in the round before. */
  previous: boolean;
  /** Mean of the round's reads, dBm; of no meaning for a miss. */
  rssi: number;
  /** 0 to 1: how much of a chance the round was; a board in a person's shadow misses everything. */
  chance: number;
}

/** A place as all tags that nothing is known of see it; logarithms are taken once. */
class Usual {
  readonly #afterRead: { readonly read: number; readonly miss: number };
  readonly #afterMiss: { readonly read: number; readonly miss: number };
  readonly #weaker: number;
  readonly #sd: number;
  readonly #logSd: number;

  constructor(chances: Chances, weaker: number, sd: number) {
    this.#afterRead = logsOf(chances.afterRead);
    this.#afterMiss = logsOf(chances.afterMiss);
    this.#weaker = weaker;
    this.#sd = sd;
    this.#logSd = Math.log(sd);
  }

  of({ read, previous, rssi, chance }: Outcome, level: number): number {
    const logs = previous ? this.#afterRead : this.#afterMiss;
    if (!read) return logs.miss * chance;
    const z = (rssi - (level - this.#weaker)) / this.#sd;
    return logs.read + RSSI_WEIGHT * (-0.5 * z * z - this.#logSd);
  }
}

function logsOf(p: number) {
  return { read: Math.log(p), miss: Math.log(1 - p) };
}

/** `level`: RSSI at which the tag's own board reads it, dBm. */
export const own = new Usual(OWN, 0, OWN_SD);
export const across = new Usual(ACROSS, ACROSS_WEAKER, ACROSS_SD);
export const away = new Usual(AWAY, AWAY_WEAKER, AWAY_SD);

/** By what has been learnt of this tag where it is now; `level` where no read has told its RSSI yet. */
export function learnt({ read, previous, rssi, chance }: Outcome, pattern: Pattern, level: number): number {
  const p = Math.min(0.97, Math.max(0.01, pattern.chance(previous)));
  if (!read) return Math.log(1 - p) * chance;
  const { sd } = pattern;
  const z = (rssi - (pattern.rssi ?? level)) / sd;
  return Math.log(p) + RSSI_WEIGHT * (-0.5 * z * z - Math.log(sd));
}
