import type { KeptEpoch, Lost } from "@storeward/contracts";
import type { KnownHead } from "./head-file.js";
import { carried, type Position, WHY } from "./lost.js";

/** What of one epoch is missing between `head` and what it is known to have had: what the cloud has acknowledged is apart. */
export function missingOf(known: KeptEpoch, head: Position, why: string): Lost[] {
  const runs: Lost[] = [];
  const acked = Math.min(known.acked, known.head);
  if (acked > head.seq && acked < known.head)
    runs.push({ from: head.seq + 1, to: acked, chain: known.ackedChain, why: `${why} (acknowledged)`, types: {} });
  const from = Math.max(head.seq, runs.at(-1)?.to ?? 0) + 1;
  if (from <= known.head) runs.push({ from, to: known.head, chain: known.headChain, why, types: {} });
  return runs;
}

/** What of epochs that this journal has never heard of is missing, as runs behind `head` of its own. What the cloud acknowledged is not. */
export function missingEpochs(known: KnownHead, head: Position, knows: (epoch: string) => boolean): Lost[] {
  const runs: Lost[] = [];
  for (const { epoch, head: to, acked, headChain: chain } of known.kept) {
    if (knows(epoch) || acked >= to) continue;
    const last = runs.at(-1);
    const behind = last === undefined ? head : { seq: last.to, chain: last.chain };
    runs.push(carried({ from: acked + 1, to, chain, why: WHY.restored, types: {} }, epoch, behind));
  }
  return runs;
}
