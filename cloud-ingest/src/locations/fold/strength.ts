import type { Present } from "./evidence.js";

/** Where a reader gives none: middling. dBm */
const NO_RSSI = -60;
/** Six decibel, a quarter of the power, count as much as half of all rounds. */
const DB_PER_POINT = 6;
const POINTS_PER_RATE = 2;
const FEW_READS = 4;

/** How strongly a shelf claims a tag, to compare shelves that read it at once: in points of {@link DB_PER_POINT}. */
export function scoreOf({ rounds, reads, rssi }: Present): number {
  return (rssi ?? NO_RSSI) / DB_PER_POINT + POINTS_PER_RATE * rateOf(rounds, reads);
}

/** How much stronger another shelf must be to take over; more while it rests on few reads. */
export function marginOf({ reads }: Present): number {
  return reads < FEW_READS ? 2 : 1;
}

/** The score of a tag on a shelf, where nothing is known of this tag: about -49 dBm in six of ten rounds. */
const USUAL_SCORE = -7;
/** Odds at the usual score, and how much a point is worth. */
const USUAL_ODDS = 240;
export const PER_POINT = 1.5;
const ODDS = { least: 0.3, most: 150 } as const;
const LEARNS = 0.25;

/**
 * The odds that what a shelf reads so lies there, and not beside it or far away. A tag is read on the next shelf about as strongly as on the last
 * one: what is far below that is read across. So a site that reads everything weakly is judged by its own measure.
 * @param level the score this item usually has, where that is known
 */
export function oddsOf(fact: Present, level: number | null): number {
  const odds = USUAL_ODDS * Math.exp(PER_POINT * (scoreOf(fact) - (level ?? USUAL_SCORE)));
  return Math.min(ODDS.most, Math.max(ODDS.least, odds));
}

/** The item's usual score after one more report of a shelf that has it. */
export function learntLevel(level: number | null, fact: Present): number {
  const score = scoreOf(fact);
  return Math.round((level === null ? score : level + LEARNS * (score - level)) * 100) / 100;
}

/** From here down what a door reads may as well be an echo. dBm */
const FAINT = -63;
const NEAR_ODDS = { clear: 8, faint: 1.5 } as const;
/** Decibel between the sides that make one three times as likely. */
const DB_PER_SIDE = 7;

/**
 * The odds that what a door reads stands on its inside, and on its outside, against anywhere else.
 * @param lean dB by which the inside reads it more strongly
 */
export function oddsOfNear(lean: number, rssi: number | null): [number, number] {
  const odds = (rssi ?? 0) < FAINT ? NEAR_ODDS.faint : NEAR_ODDS.clear;
  const sides = Math.exp(Math.min(24, Math.max(-24, lean)) / DB_PER_SIDE);
  return [odds * Math.min(1, sides), odds * Math.min(1, 1 / sides)];
}

function rateOf(rounds: number, reads: number): number {
  return rounds > 0 ? Math.min(1, reads / rounds) : 0.5;
}
