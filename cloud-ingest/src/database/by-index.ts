import type { Transaction } from "./types.js";

/**
 * From here on the transaction looks its rows up one by one, by their indexes. Of a table that is young the planner would read all, and goes on with
 * that while it grows; and for a large batch it joins all of a table that is a few times larger, which costs three times as much. Not for what
 * joins many rows without an index. Compiling is off with it: what cannot be had by an index counts as dear then, and would be compiled.
 */
export async function lookUpByIndex(tx: Transaction): Promise<void> {
  await tx.query(
    "SET LOCAL enable_seqscan = off; SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off; SET LOCAL jit = off",
  );
}
