import type { Logger, StorewardError } from "@storeward/runtime";
import type { Ballast } from "./ballast.js";
import { E, sqliteCode } from "./errors.js";
import type { KnownHead } from "./head-file.js";
import { WHY } from "./lost.js";
import { missingEpochs, missingOf } from "./missing.js";
import type { RowStore } from "./row-store.js";
import type { WrittenEpoch } from "./written-epoch.js";

interface Parts {
  readonly file: string;
  readonly store: RowStore;
  readonly rows: WrittenEpoch;
  readonly ballast: Ballast;
  readonly lastAlive: number | undefined;
  readonly log: Logger;
}

/** What the head beside the journal says of rows that are not here is declared lost, once; returns what somebody must look at. */
export function declareMissing(parts: Parts, known: KnownHead | undefined): StorewardError | undefined {
  const { file, store, rows, ballast, lastAlive, log } = parts;
  const { head } = rows;
  if (known === undefined) return undefined;
  const isOlder = known.epoch === rows.row.epoch && known.seq > head.seq;
  if (!isOlder && store.epochs.knows(known.epoch)) return undefined;
  const error = E.JOURNAL_WENT_BACK({ file, head: head.seq, known: known.seq });
  log.error({ err: error, known, head }, "rows that had a number are missing");
  const epoch = known.kept.find((kept) => kept.epoch === known.epoch);
  const runs =
    isOlder && epoch !== undefined
      ? missingOf({ ...epoch, head: known.seq, headChain: known.chain }, head, WHY.restored)
      : missingEpochs(known, head, (name) => store.epochs.knows(name));
  const why = `the journal was restored from an older copy or replaced: rows after ${known.seq} of epoch ${known.epoch} may be missing`;
  const gap = rows.gap(why, known.wall ?? lastAlive);
  withBallast(ballast, () => {
    const there = store.transaction(() => {
      store.lost.add(rows.number, runs);
      for (const kept of known.kept) store.epochs.addEnded(kept.epoch);
      const last = runs.at(-1);
      return store.add(rows.number, last === undefined ? head : { seq: last.to, chain: last.chain }, gap);
    });
    rows.movedTo(there);
  });
  return error;
}

/** The space of the ballast is for what must be said. */
function withBallast(ballast: Ballast, work: () => void): void {
  try {
    work();
  } catch (error) {
    if (sqliteCode(error) !== "SQLITE_FULL") throw error;
    ballast.free();
    work();
  }
}
