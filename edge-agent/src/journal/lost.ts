import type { Lost, ObservationType } from "@storeward/contracts";
import { nextChain } from "@storeward/runtime";

export interface Position {
  readonly seq: number;
  readonly chain: string;
}

/**
 * Which observations give way first when the journal is full: what a later one of its kind says again goes before what nothing can say
 * again. `configured` and `gap` never go: they are few, and the others are read by them.
 */
export const GIVING_WAY: readonly (readonly ObservationType[])[] = [
  ["seen"],
  ["inventoried"],
  ["input"],
  ["measured"],
  ["arrived", "departed"],
  ["coverage"],
  ["clock"],
  ["passed"],
];

export const WHY = {
  full: "the journal was full",
  damaged: "damaged on the disk",
  restored: "the journal was restored from an older copy",
  released: "released",
  diskFull: "no room on the disk when the damaged journal was salvaged; the file put aside has them",
} as const;

/** Puts runs that touch together, where they were lost for the same reason. They are in order and do not overlap. */
export function joined(runs: readonly Lost[]): Lost[] {
  const result: Lost[] = [];
  for (const run of runs) {
    const last = result.at(-1);
    if (last !== undefined && last.to + 1 === run.from && last.why === run.why)
      result.splice(-1, 1, { ...run, from: last.from, types: added(last.types, run.types) });
    else result.push(run);
  }
  return result;
}

function added(one: Lost["types"], other: Lost["types"]): Lost["types"] {
  const sum = { ...one };
  for (const [type, count] of Object.entries(other)) sum[type] = (sum[type] ?? 0) + count;
  return sum;
}

/**
 * A lost range that is carried into another epoch behind `head`: it takes as many numbers there. Its chain is that of one row that says
 * where it was, so that a journal copied twice has the same chain twice.
 */
export function carried(run: Lost, epoch: string, head: Position): Lost {
  const { from, to, chain } = run;
  const last = head.seq + to - from + 1;
  const text = JSON.stringify({ lost: { epoch, from, to, chain } });
  return { ...run, from: head.seq + 1, to: last, chain: nextChain(head.chain, last, text) };
}
