import { type Lost, MAX_BATCH_LOST } from "@storeward/contracts";
import type { EdgeJournal, JournalRow } from "../journal/journal.js";
import type { Position } from "../journal/lost.js";

/** What goes out next: rows and lost ranges that cover everything from behind one row up to `end`. */
export interface Piece {
  readonly rows: readonly JournalRow[];
  readonly lost: readonly Lost[];
  readonly end: Position;
}

export interface PieceLimits {
  readonly maxRows: number;
  /** Of bodies and lost ranges. */
  readonly maxBytes: number;
  /** The row that must not be among them. */
  readonly before: number | undefined;
}

/** The next piece behind `after`, from a journal that keeps the rows after `cut`. Nothing of it where `end` is `after`. */
export function nextPiece(journal: EdgeJournal, after: Position, cut: number, limits: PieceLimits): Piece {
  const { maxRows, maxBytes, before } = limits;
  const released = releasedBetween(journal, after, cut);
  const lost: Lost[] = released === undefined ? [] : [released];
  let end: Position = released === undefined ? after : { seq: released.to, chain: released.chain };
  const found = journal.read(end.seq, maxRows, maxBytes);
  // Asked after the rows, for reading them may find some damaged.
  const runs = journal.lostAfter(end.seq, MAX_BATCH_LOST);
  const rows: JournalRow[] = [];
  let left = runs.length === 0 ? Number.POSITIVE_INFINITY : maxBytes;
  let next = 0;
  for (;;) {
    const run = runs[0];
    const row = found[next];
    if (run !== undefined && run.from === end.seq + 1) {
      left -= bytesOf(run);
      if (lost.length === MAX_BATCH_LOST || (left < 0 && lost.length + rows.length > 0)) break;
      lost.push(run);
      end = { seq: run.to, chain: run.chain };
      runs.shift();
    } else if (row !== undefined && row.seq === end.seq + 1 && row.seq !== before) {
      if (runs.length > 0 || left < Number.POSITIVE_INFINITY) left -= Buffer.byteLength(row.body) + 1;
      if (left < 0 && lost.length + rows.length > 0) break;
      rows.push(row);
      end = { seq: row.seq, chain: row.chain };
      next++;
    } else break;
  }
  return { rows, lost, end };
}

/** Rows that were released and deleted, while the cloud has gone back behind them. */
function releasedBetween(journal: EdgeJournal, { seq }: Position, cut: number): Lost | undefined {
  const chain = cut > seq ? journal.chainAt(cut) : undefined;
  return chain === undefined ? undefined : { from: seq + 1, to: cut, chain, why: "released", types: {} };
}

function bytesOf(lost: Lost): number {
  return Buffer.byteLength(JSON.stringify(lost)) + 1;
}
