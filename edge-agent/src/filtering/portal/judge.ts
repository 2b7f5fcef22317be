import type { Side } from "../site-plan.js";

/** One read at a portal. */
export interface SideRead {
  /** mono ms. */
  readonly at: number;
  readonly side: Side;
  /** dBm. */
  readonly rssi: number;
}

/** A crossing that the reads tell of. */
export interface Crossing {
  readonly direction: "in" | "out";
  /** How sure, 0 to 1. */
  readonly p: number;
  /** When it was between the antennas, mono ms. */
  readonly at: number;
  /** RSSI-weighted centre of the reads at each side, mono ms. */
  readonly centres: Readonly<Record<Side, number>>;
}

/** Fewer reads are chance. */
const MIN_READS = 5;
const MIN_SIDE_READS = 2;
/** A read this much weaker than the strongest one counts a tenth, dB. */
const TENTH_DB = 20;
/** The antenna behind the body of whoever carries the tag is allowed so much weaker reads, dB. */
const BODY_DB = 6;
/** The first and the last part of the reads must belong to different sides this clearly, -1 to 1. */
const MIN_DOMINANCE = 0.25;
/** Nobody crosses faster, ms. */
const MIN_CROSSING_MS = 80;

/**
 * Whether these reads, in the order of time, are of a tag that crossed. Three things must agree: the centre of the one side's reads comes
 * before that of the other, the first reads are the one side's and the last the other's. Who turns back ends where it began; who stays
 * has both centres in the middle.
 */
export function judgeCrossing(reads: readonly SideRead[]): Crossing | undefined {
  const inside = reads.filter(({ side }) => side === "inside");
  const outside = reads.filter(({ side }) => side === "outside");
  if (reads.length < MIN_READS || Math.min(inside.length, outside.length) < MIN_SIDE_READS) return undefined;
  const weights = weigh(reads);
  const centres = { inside: centreOf(reads, weights, "inside"), outside: centreOf(reads, weights, "outside") };
  const part = Math.max(2, Math.floor(reads.length / 3));
  const begins = dominance(reads, weights, 0, part);
  const ends = dominance(reads, weights, reads.length - part, reads.length);
  const outward = centres.outside.at - centres.inside.at;
  // +1: from inside to outside.
  const sign = Math.sign(outward);
  const change = Math.min(begins * sign, -ends * sign);
  if (Math.abs(outward) < MIN_CROSSING_MS || change < MIN_DOMINANCE) return undefined;
  const spread = Math.hypot(centres.inside.spread, centres.outside.spread, 100);
  const separation = Math.min(3, Math.abs(outward) / spread);
  const logit = -3 + 3.5 * change + 1.6 * separation + 0.7 * Math.log(Math.min(inside.length, outside.length));
  return {
    direction: outward > 0 ? "out" : "in",
    p: 1 / (1 + Math.exp(-logit)),
    at: (centres.inside.at + centres.outside.at) / 2,
    centres: { inside: centres.inside.at, outside: centres.outside.at },
  };
}

/** Whose the reads are, weighted: +1 all inside's, -1 all outside's. */
export function dominanceOf(reads: readonly SideRead[]): number {
  return dominance(reads, weigh(reads), 0, reads.length);
}

function weigh(reads: readonly SideRead[]): number[] {
  const peak = { inside: Number.NEGATIVE_INFINITY, outside: Number.NEGATIVE_INFINITY };
  for (const { side, rssi } of reads) peak[side] = Math.max(peak[side], rssi);
  const strongest = Math.max(peak.inside, peak.outside);
  const reference = {
    inside: Math.max(peak.inside, strongest - BODY_DB),
    outside: Math.max(peak.outside, strongest - BODY_DB),
  };
  return reads.map(({ side, rssi }) => 10 ** ((rssi - reference[side]) / TENTH_DB));
}

function dominance(reads: readonly SideRead[], weights: readonly number[], from: number, to: number): number {
  let sum = 0;
  let total = 0;
  for (let i = from; i < to; i++) {
    const weight = weights[i] ?? 0;
    total += weight;
    sum += reads[i]?.side === "inside" ? weight : -weight;
  }
  return total === 0 ? 0 : sum / total;
}

function centreOf(reads: readonly SideRead[], weights: readonly number[], side: Side): { at: number; spread: number } {
  const origin = reads[0]?.at ?? 0;
  let total = 0;
  let first = 0;
  let second = 0;
  reads.forEach((read, index) => {
    if (read.side !== side) return;
    const weight = weights[index] ?? 0;
    const at = read.at - origin;
    total += weight;
    first += weight * at;
    second += weight * at * at;
  });
  const mean = total === 0 ? 0 : first / total;
  const variance = total === 0 ? 0 : Math.max(0, second / total - mean * mean);
  return { at: origin + mean, spread: Math.sqrt(variance) };
}
