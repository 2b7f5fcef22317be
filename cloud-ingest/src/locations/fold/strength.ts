import type { Present } from "./evidence.js";

/** RSSI where a reader gives none: middling. dBm */
const NO_RSSI = -60;
/** Six decibel, a quarter of the power, count as much as half of all rounds. */
const DB_PER_POINT = 6;
const POINTS_PER_RATE = 2;
const FEW_READS = 4;

/** How strongly a shelf claims a tag, to compare shelves that read it at once: in points of {@link DB_PER_POINT}. */
export function scoreOf({ rounds, reads, rssi }: Present): number {
  const rate = rounds > 0 ? Math.min(1, reads / rounds) : 0.5;
  return (rssi ?? NO_RSSI) / DB_PER_POINT + POINTS_PER_RATE * rate;
}

/** How much stronger another shelf must be to take over; more while it rests on few reads. */
export function marginOf({ reads }: Present): number {
  return reads < FEW_READS ? 2 : 1;
}

/** How sure a presence is: reads are not independent, so that it grows slowly and never beyond 0.99. */
export function sureness({ reads }: Present): number {
  return Math.min(0.99, 1 - 0.5 * Math.exp(-Math.max(0, reads) / 2.5));
}

/** After an inventory without it: weak evidence, as far as the inventory finds what is there. */
export function afterMiss(p: number, completeness: number): number {
  const odds = Math.log(p / (1 - p)) - 1.5 * completeness;
  return Math.max(0.2, 1 / (1 + Math.exp(-odds)));
}

/** Went out of where it was thought to be: two that agree are surer than one. */
export function corroborated(p: number): number {
  const odds = (p / (1 - p)) * 3;
  return Math.min(0.99, odds / (1 + odds));
}
