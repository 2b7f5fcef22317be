import type { Acted, Observation } from "@storeward/contracts";
import type { Sql, Transaction } from "../database/types.js";

/*
 * A log is a table of rows with a gapless position in each partition, in commit order: `(partition, pos)`. The journal is one; `evidence`
 * (by item shard) and `stay_change` are others. A follower keeps one cursor a partition of one log.
 */

/** Replaces each `tag: {epc…}` of a body by the tag's number in the `tag` table, so that an EPC can be erased in one place. */
type TagNumbered<T> = T extends { tag: unknown }
  ? Omit<T, "tag"> & { tag: number }
  : T extends { tags: readonly (infer E)[] }
    ? Omit<T, "tags"> & { tags: TagNumbered<E>[] }
    : T;

/** What a journal tells: of an agent what it has observed, of a source what was done too. */
export type Told = Observation | Acted;
/** The same as the cloud's journal keeps it. */
export type RecordedObservation = TagNumbered<Told>;

/** An act of a person or of the service: journaled like an observation, with type `act`. */
export interface Act {
  readonly type: "act";
  readonly act: "tag-bound" | "tag-retired";
  readonly tag: number;
  readonly item: string;
  /** ISO 8601 */
  readonly validFrom: string;
  readonly actor: string;
  /** The row of a source's journal that it comes from; absent where it was done by the API at once. */
  readonly of?: { readonly agent: string; readonly epoch: string; readonly seq: number };
}

/**
 * What a clock has told of rows that were in the journal before it: from here on those of `agent` from `from` to `to` in `epoch`, as far as they
 * are of `boot`, count as observed by `offsetMs`. It stands behind them in their own partition, and names few enough to be taken at once.
 */
export interface Redated {
  readonly type: "redated";
  readonly agent: string;
  readonly epoch: string;
  readonly boot: string;
  readonly from: number;
  readonly to: number;
  /** The last row that this clock dates anew, with others of its kind; what follows was dated right at once. */
  readonly until: number;
  /** When the first and the last of them were recorded: ISO 8601. */
  readonly recorded: readonly [string, string];
  /** UTC in milliseconds = mono + offset. */
  readonly offsetMs: number;
  /** The least and the greatest offset that they were recorded with. */
  readonly was: readonly [number, number];
}

export interface LogRow<Body> {
  readonly partition: number;
  readonly pos: number;
  readonly recordedAt: Date;
  readonly body: Body;
}

export interface JournalRow extends LogRow<RecordedObservation | Act | Redated> {
  readonly agent: string;
  readonly epoch: string;
  readonly seq: number;
  /** UTC by the agent's learnt clock where there is one, else its wall clock; never later than 5 s after recording. */
  readonly observedAt: Date;
  /** Milliseconds to add to a `mono` time in the body to get milliseconds since 1970. */
  readonly monoOffset: number;
}

/** Rows of an agent's sequence. */
export interface SeqRange {
  readonly agent: string;
  readonly epoch: string;
  readonly from: number;
  readonly to: number;
}

export interface RedatedRow extends JournalRow {
  /** `observedAt` as it was recorded. */
  readonly was: Date;
}

export interface JournalLog extends Log<JournalRow> {
  /** The rows that were dated anew, in order and with their new dates; those that are kept no more are left out. */
  redatedRows(sql: Sql, redated: Redated): Promise<RedatedRow[]>;
  /** Rows by their numbers, as they were recorded. */
  rowsAt(sql: Sql, of: Pick<SeqRange, "agent" | "epoch">, seqs: readonly number[]): Promise<JournalRow[]>;
}

export interface Log<Row extends LogRow<unknown>> {
  readonly name: string;
  readonly partitions: readonly number[];
  /** Rows after `pos`, in order. */
  read(sql: Sql, partition: number, afterPos: number, limit: number): Promise<Row[]>;
  /** Of several partitions rows of one day each, after its own position: at most `limit`, and of each partition at most `share`. */
  readAll(sql: Sql, after: ReadonlyMap<number, number>, limit: number, share: number): Promise<Row[]>;
  /** The last position of every partition; 0 where nothing was appended yet. */
  heads(sql: Sql): Promise<ReadonlyMap<number, number>>;
  /** Calls `wake` after every commit that appended, with how many rows (in this process; others are found by polling once a second). */
  onAppend(wake: (partition: number, rows: number) => void): () => void;
}

/** Reads a log from its own cursors and does its work in the transaction that moves the cursor. */
export interface Follower<Row extends LogRow<unknown>> {
  readonly name: string;
  readonly log: Log<Row>;
  /** At least one row; those of one partition are in order, and one partition comes after the other. */
  handle(tx: Transaction, rows: readonly Row[]): Promise<void>;
  /** What a row is about. When a row cannot be handled and is put aside, the later rows about the same thing are put aside with it. */
  keyOf?(row: Row): string | undefined;
}
