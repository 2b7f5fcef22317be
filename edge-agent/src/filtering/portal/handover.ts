import type { SideRead } from "./portal-tag.js";

/** A read this much weaker counts a tenth, dB. */
const TENTH_DB = 20;
/** It was through so long after the last read on the side that it came from, ms: a silence that follows is not the way. */
const SOON_MS = 1_000;

/**
 * When a tag that went through was between the antennas, mono ms: the moment before which most of the weight is at the side that it
 * came from, and after which most is at the other. `reads` in order of time; its last one where all are of the side it came from.
 */
export function handover(reads: readonly SideRead[], direction: "in" | "out"): number {
  const from = direction === "in" ? "outside" : "inside";
  // Weight that lies on the right side of the moment, less what lies on the wrong one.
  let score = reads.reduce((sum, read) => sum + (read.side === from ? -weightOf(read) : weightOf(read)), 0);
  let best = score;
  let at = reads[0]?.at ?? 0;
  reads.forEach((read, index) => {
    score += 2 * (read.side === from ? weightOf(read) : -weightOf(read));
    if (score < best) return;
    best = score;
    at = Math.min(read.at + SOON_MS, (read.at + (reads[index + 1]?.at ?? read.at)) / 2);
  });
  return at;
}

function weightOf({ rssi }: SideRead): number {
  return 10 ** (rssi / TENTH_DB);
}
