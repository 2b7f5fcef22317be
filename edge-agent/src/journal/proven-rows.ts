import type { Lost } from "@storeward/contracts";
import { nextChain } from "@storeward/runtime";
import type { DamagedFile, Place } from "./damaged-file.js";
import type { JournalRow } from "./journal.js";
import { type Position, WHY } from "./lost.js";

/** A row that the chain proves, or a range of numbers of which it proves nothing. */
export type Found = { readonly kind: "row"; readonly row: JournalRow } | { readonly kind: "lost"; readonly lost: Lost };

/** What is known of an epoch of a damaged file from elsewhere. */
export interface Bounds {
  /** Where the rows that were kept began; undefined when nobody knows. */
  readonly start: Position | undefined;
  /** Numbers up to here are in the cloud: they are not declared when they are missing. */
  readonly acked: number;
  /** The last row that is known to have been there, and its chain. */
  readonly head: Position | undefined;
}

/** How far a row may be behind what is known to be the last and still be looked at: what a device can journal between two marks. */
const BEYOND = 1_000_000;

/**
 * The rows of one epoch of a damaged file, in order, each proven by the chain: a row counts when it follows from the one before it, or from the
 * tombstone before it. The first one after a hole is proven by nothing and is lost with the hole, but what follows from it proves its chain.
 */
export function* provenRows(file: DamagedFile, places: readonly Place[], bounds: Bounds): Generator<Found> {
  const { acked, head } = bounds;
  const start = provenStart(file, places, bounds);
  const limit = Math.max(head?.seq ?? 0, start.seq) + BEYOND;
  /** The last row that is proven, and the last number that is told, as a row or as lost. */
  let at = start;
  let told = start.seq;
  let waiting: JournalRow | undefined;
  const lost = (to: number, chain: string, run?: Lost): Lost[] => {
    const from = Math.max(told, acked) + 1;
    told = Math.max(told, to);
    if (to < from) return [];
    const why = run?.from === from ? { why: run.why, types: run.types } : { why: WHY.damaged, types: {} };
    return [{ from, to, chain, ...why }];
  };
  const follows = ({ chain }: { readonly chain: string }, { seq, body, chain: own }: JournalRow) =>
    chain !== "" && nextChain(chain, seq, body) === own;
  for (const { seq, rowid } of places) {
    const read = seq > limit || seq <= at.seq ? undefined : file.row(rowid);
    if (read === undefined) continue;
    const row = { seq, ...read };
    const run = seq === at.seq + 1 ? undefined : file.runEndingAt(places[0]?.epoch ?? 0, seq - 1);
    if (seq === at.seq + 1 ? !follows(at, row) : run === undefined || !follows(run, row)) {
      // What follows from a row that waits proves its chain, and not its body.
      if (waiting === undefined || seq !== waiting.seq + 1 || !follows(waiting, row)) {
        waiting = row;
        continue;
      }
      for (const one of lost(waiting.seq, waiting.chain)) yield { kind: "lost", lost: one };
    } else if (run !== undefined) for (const one of lost(run.to, run.chain, run)) yield { kind: "lost", lost: one };
    told = seq;
    at = row;
    waiting = undefined;
    yield { kind: "row", row };
  }
  const ends = [head, waiting].filter((end) => end !== undefined && end.seq > told) as Position[];
  const end = ends.sort((a, b) => b.seq - a.seq)[0];
  if (end !== undefined) for (const one of lost(end.seq, end.chain)) yield { kind: "lost", lost: one };
}

/** Where the rows that were kept begin, if a row or the head proves it; else from the first number on. */
function provenStart(file: DamagedFile, places: readonly Place[], { start, head }: Bounds): Position {
  const unknown = { seq: 0, chain: "" };
  if (start === undefined) return unknown;
  if (start.seq === head?.seq && start.chain === head.chain) return start;
  const next = places.filter(({ seq }) => seq === start.seq + 1).map(({ rowid }) => file.row(rowid));
  return next.some((row) => row !== undefined && nextChain(start.chain, start.seq + 1, row.body) === row.chain)
    ? start
    : unknown;
}
