import type { Side } from "../site-plan.js";

/** One read at a portal. */
export interface SideRead {
  /** mono ms. */
  readonly at: number;
  readonly side: Side;
  /** dBm. */
  readonly rssi: number;
}

/** What reads tell of a crossing: the side at which their weight comes first is where it began. */
export interface Crossing {
  readonly direction: "in" | "out";
  /** When it was between the antennas, mono ms. */
  readonly at: number;
  /** When it was at each side: RSSI-weighted centre of the reads there, mono ms. */
  readonly centres: Readonly<Record<Side, number>>;
  /** Peaks at the side that reads it better and at the other one, dBm. */
  readonly strong: number;
  readonly weak: number;
  /** How much the first reads are of the one side and the last of the other, -1 to 1. */
  readonly edges: number;
  /** Distance of the centres, in spreads of the reads around them. */
  readonly separation: number;
  /** Reads at the side that has fewer. */
  readonly fewer: number;
  /** How much sooner it was first read, and last read, at the side that it came from, ms. */
  readonly lead: number;
  readonly tail: number;
  /** How far it had faded at the side that it came from when it was last read there, and had yet to rise at the other when first, dB. */
  readonly fall: number;
  readonly rise: number;
  /** How much louder it has become at the side that it goes to, dB; undefined where it was not heard there long enough. */
  readonly nearer: number | undefined;
}

/** Fewer reads are chance. */
const MIN_READS = 5;
const MIN_SIDE_READS = 2;
/** A read this much weaker than the strongest one counts a tenth, dB. */
const TENTH_DB = 20;
/** The antenna behind the body of whoever carries the tag is allowed so much weaker reads, dB. */
const BODY_DB = 6;
/** The first and the last part of the reads: so long, and so many at least. */
const EDGE_MS = 600;
const EDGE_READS = 3;

/** How loud a tag is at the side to which it goes is compared with what was heard there so long before it crossed, ms. */
const APPROACH_MS = 2_000;
const USUAL_READS = 4;

/**
 * What these reads, in the order of time, tell of a crossing. One that was: the centre of the one side's reads comes before that of the
 * other, the first reads are the one side's and the last the other's. Who turns back ends where it began; who stays has both centres in
 * the middle; who walks by is never close to the far side. Undefined where there are too few reads to tell.
 */
export function describeCrossing(reads: readonly SideRead[]): Crossing | undefined {
  const inside = reads.filter(({ side }) => side === "inside");
  const outside = reads.filter(({ side }) => side === "outside");
  const fewer = Math.min(inside.length, outside.length);
  if (reads.length < MIN_READS || fewer < MIN_SIDE_READS) return undefined;
  const weights = weigh(reads);
  const centres = { inside: centreOf(reads, weights, "inside"), outside: centreOf(reads, weights, "outside") };
  const apart = centres.outside.at - centres.inside.at;
  const outward = apart > 0;
  const [from, to] = outward ? [inside, outside] : [outside, inside];
  // +1: wholly the side that it comes from, and wholly the one that it goes to.
  const sign = outward ? 1 : -1;
  const begins = sign * dominance(reads, weights, 0, endOfBeginning(reads));
  const ends = -sign * dominance(reads, weights, beginningOfEnd(reads), reads.length);
  const spread = Math.hypot(centres.inside.spread, centres.outside.spread, 100);
  const [weak = 0, strong = 0] = [peakOf(inside), peakOf(outside)].toSorted((a, b) => a - b);
  const at = (centres.inside.at + centres.outside.at) / 2;
  return {
    direction: outward ? "out" : "in",
    at,
    centres: { inside: centres.inside.at, outside: centres.outside.at },
    strong,
    weak,
    edges: Math.min(begins, ends),
    separation: Math.abs(apart) / spread,
    fewer,
    lead: sooner(from.at(0), to.at(0)),
    tail: sooner(from.at(-1), to.at(-1)),
    fall: peakOf(from) - meanOf(from.slice(-2)),
    rise: peakOf(to) - meanOf(to.slice(0, 2)),
    nearer: nearerBy(to, at - APPROACH_MS),
  };
}

/** Whose the reads are, weighted: +1 all inside's, -1 all outside's. */
export function dominanceOf(reads: readonly SideRead[]): number {
  return dominance(reads, weigh(reads), 0, reads.length);
}

function sooner(from: SideRead | undefined, to: SideRead | undefined): number {
  return (to?.at ?? 0) - (from?.at ?? 0);
}

/** A tag that stays beside the door is heard by both sides; when one is shadowed, the other one is no louder than before. */
function nearerBy(reads: readonly SideRead[], since: number): number | undefined {
  const before = reads.filter((read) => read.at < since);
  if (before.length < USUAL_READS) return undefined;
  return Math.max(-100, peakOf(reads.filter((read) => read.at >= since)) - peakOf(before));
}

function meanOf(reads: readonly SideRead[]): number {
  return reads.reduce((sum, { rssi }) => sum + rssi, 0) / Math.max(1, reads.length);
}

function peakOf(reads: readonly SideRead[]): number {
  return reads.reduce((peak, { rssi }) => Math.max(peak, rssi), Number.NEGATIVE_INFINITY);
}

function endOfBeginning(reads: readonly SideRead[]): number {
  const until = (reads[0]?.at ?? 0) + EDGE_MS;
  let end = Math.min(EDGE_READS, reads.length);
  while (end < reads.length && (reads[end]?.at ?? 0) <= until) end++;
  return end;
}

function beginningOfEnd(reads: readonly SideRead[]): number {
  const from = (reads.at(-1)?.at ?? 0) - EDGE_MS;
  let start = Math.max(0, reads.length - EDGE_READS);
  while (start > 0 && (reads[start - 1]?.at ?? 0) >= from) start--;
  return start;
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
