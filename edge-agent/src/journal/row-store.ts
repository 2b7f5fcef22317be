import type { KeptEpoch } from "@storeward/contracts";
import { crashPoint, nextChain } from "@storeward/runtime";
import { wallOf } from "./body.js";
import type { Sqlite } from "./database.js";
import { type EpochRow, EpochStore } from "./epoch-store.js";
import type { Entry, JournalRow } from "./journal.js";
import type { Position } from "./lost.js";
import { LostStore } from "./lost-store.js";
import { typeOf } from "./origin.js";
import { PresenceStore } from "./presence-store.js";

/** An entry whose body is made: what a transaction writes. */
export interface PreparedEntry {
  readonly body: string;
  readonly presence?: Entry["presence"] | undefined;
  readonly note?: Entry["note"] | undefined;
  /** Of the body. */
  readonly bytes: number;
  readonly through: number;
  /** When it was given to the journal (mono ms); absent for what does not wait for others. */
  readonly mono?: number;
}

/** The note that says when the last row that is no longer kept was journaled (wall ms). */
const GONE = "gone";
/** Rows that stay are packed together when they are at most so many to one that went, and are not large. */
const PACK_ONE_IN = 8;
const PACK_BYTES = 512 * 1024;

/** The rows of one journal file, and beside them its other tables: every method is one statement or one part of the caller's transaction. */
export class RowStore {
  readonly epochs: EpochStore;
  readonly lost: LostStore;
  readonly presence: PresenceStore;
  readonly #db: Sqlite;
  readonly #statements: ReturnType<typeof prepareAll>;

  constructor(db: Sqlite) {
    this.#db = db;
    this.#statements = prepareAll(db);
    this.epochs = new EpochStore(db);
    this.lost = new LostStore(db);
    this.presence = new PresenceStore(db);
  }

  head(epoch: EpochRow): Position {
    const row = this.#statements.lastRow.get(epoch.number) ?? { seq: epoch.cut, chain: epoch.cut_chain };
    const run = this.lost.lastBefore(epoch.number, Number.MAX_SAFE_INTEGER);
    return run !== undefined && run.to > row.seq ? { seq: run.to, chain: run.chain } : row;
  }

  /** Adds the entries after `head` and returns the new head. */
  add(epoch: number, head: Position, entries: readonly PreparedEntry[]): Position {
    let { seq, chain } = head;
    for (const { body, through, presence, note } of entries) {
      chain = nextChain(chain, ++seq, body);
      this.#statements.addRow.run(epoch, seq, chain, through, body);
      if (presence !== undefined) this.presence.log(presence);
      if (note !== undefined) this.setNote(note.key, note.value);
    }
    return { seq, chain };
  }

  /** The chain at a row, or at the end of a lost run. */
  chainAt(epoch: number, seq: number): string | undefined {
    return this.#statements.chainAt.get(epoch, seq) ?? this.lost.endingAt(epoch, seq)?.chain;
  }

  /** Rows in order, as they lie there. */
  rowsAfter(epoch: number, after: number, maxRows: number): IterableIterator<JournalRow> {
    return this.#statements.rowsAfter.iterate(epoch, after, maxRows);
  }

  /** The row with this number. */
  row(epoch: number, seq: number): JournalRow | undefined {
    return this.#statements.row.get(epoch, seq);
  }

  /** Deletes some `limit` rows that are no longer kept, or all where a place between has no chain; returns how far it came. */
  purge(epoch: number, from: number, to: Position, limit: number): number {
    if (from >= to.seq) return from;
    const some = Math.min(to.seq, from + limit);
    const chain = some === to.seq ? to.chain : this.chainAt(epoch, some);
    const cut = chain === undefined ? to : { seq: some, chain };
    const wall = this.#wallUpTo(epoch, cut.seq);
    if (wall !== undefined) this.setNote(GONE, String(wall));
    this.cut(epoch, cut);
    return cut.seq;
  }

  /** When the last row up to `seq` was journaled (wall ms), also when it is no longer kept; undefined where there was none. */
  lastJournaled(epoch: number, seq: number): number | undefined {
    const gone = Number(this.note(GONE) ?? Number.NaN);
    return this.#wallUpTo(epoch, seq) ?? (Number.isFinite(gone) ? gone : undefined);
  }

  #wallUpTo(epoch: number, seq: number): number | undefined {
    const body = this.#statements.lastBody.get(epoch, seq);
    return body === undefined ? undefined : wallOf(body);
  }

  /** Rows and runs up to there are no longer kept. */
  cut(epoch: number, { seq, chain }: Position): void {
    this.#statements.deleteRows.run(epoch, 0, seq);
    crashPoint("while-trimming");
    this.lost.deleteUpTo(epoch, seq);
    this.epochs.setCut(epoch, seq, chain);
  }

  /** Makes this row, which is there, a lost one. */
  lose(epoch: number, { seq, chain, body }: JournalRow, why: string): void {
    this.#statements.deleteRows.run(epoch, seq - 1, seq);
    this.lost.add(epoch, [{ from: seq, to: seq, chain, why, types: { [typeOf(body)]: 1 } }]);
  }

  mendChain(epoch: number, seq: number, chain: string): void {
    this.#statements.mendChain.run(chain, epoch, seq);
  }

  /**
   * Makes up to `limit` rows of these types after `after` lost ones, oldest first. Returns how many. Pages of the file are only free when all of
   * their rows are gone, so what stays between them is packed together at the end.
   */
  giveWay(epoch: number, after: number, types: readonly string[], limit: number, why: string): number {
    const found = types
      .flatMap((type) =>
        this.#statements.ofType.all(epoch, type.slice(0, 4), after, limit).map((row) => ({ ...row, type })),
      )
      .sort((a, b) => a.seq - b.seq)
      .slice(0, limit);
    const [first, last] = [found[0]?.seq, found.at(-1)?.seq];
    if (first === undefined || last === undefined) return 0;
    for (const { seq } of found) this.#statements.deleteRows.run(epoch, seq - 1, seq);
    this.lost.add(
      epoch,
      found.map(({ seq, chain, type }) => ({ from: seq, to: seq, chain, why, types: { [type]: 1 } })),
    );
    const stay = this.#statements.between.get(epoch, first, last);
    if (stay !== undefined && stay.rows > 0 && stay.bytes <= PACK_BYTES && stay.rows <= found.length * PACK_ONE_IN)
      this.#pack(epoch, first, last);
    return found.length;
  }

  #pack(epoch: number, from: number, to: number): void {
    const rows = [...this.#statements.rowsBetween.iterate(epoch, from, to)];
    this.#statements.deleteRows.run(epoch, from - 1, to);
    for (const { seq, chain, through, body } of rows) this.#statements.addRow.run(epoch, seq, chain, through, body);
  }

  keptEpoch(row: EpochRow): KeptEpoch {
    const head = this.head(row);
    return {
      epoch: row.epoch,
      head: head.seq,
      headChain: head.chain,
      oldest: row.cut + 1,
      acked: row.acked,
      ackedChain: row.acked_chain,
    };
  }

  addRow(epoch: number, { seq, chain, through, body }: JournalRow): void {
    this.#statements.addRow.run(epoch, seq, chain, through, body);
  }

  note(key: string): string | undefined {
    return this.#statements.note.get(key);
  }

  setNote(key: string, value: string): void {
    this.#statements.setNote.run(key, value);
  }

  /** Whether the last rows follow from one another: a file copied while it was written may be sound to SQLite and still not be ours. */
  tailIsSound(epoch: number, head: number, rows: number): boolean {
    let before = this.#statements.chainAt.get(epoch, head - rows);
    let seq = head - rows;
    for (const row of this.rowsAfter(epoch, seq, rows)) {
      if (row.seq !== seq + 1) before = this.chainAt(epoch, row.seq - 1);
      if (before !== undefined && nextChain(before, row.seq, row.body) !== row.chain) return false;
      ({ seq, chain: before } = row);
    }
    return true;
  }

  /** Bytes of the file that hold something. */
  usedBytes(): number {
    const pragma = (name: string) => Number(this.#db.pragma(name, { simple: true }));
    return (pragma("page_count") - pragma("freelist_count")) * pragma("page_size");
  }

  /** Gives up to so many free pages back to the disk. */
  shrink(pages: number): void {
    this.#db.exec(`pragma incremental_vacuum(${pages})`);
  }

  transaction<T>(work: () => T): T {
    try {
      return this.#db.transaction(work).immediate();
    } catch (error) {
      this.presence.rolledBack();
      throw error;
    }
  }

  close(): void {
    this.#db.close();
  }
}

function prepareAll(db: Sqlite) {
  return {
    lastRow: db.prepare<[number], Position>(
      "select seq, chain from journal_row where epoch = ? order by seq desc limit 1",
    ),
    addRow: db.prepare<[number, number, string, number, string]>(
      "insert into journal_row (epoch, seq, chain, through, body) values (?, ?, ?, ?, ?)",
    ),
    chainAt: db.prepare<[number, number], string>("select chain from journal_row where epoch = ? and seq = ?").pluck(),
    mendChain: db.prepare<[string, number, number]>("update journal_row set chain = ? where epoch = ? and seq = ?"),
    rowsAfter: db.prepare<[number, number, number], JournalRow>(
      "select seq, body, chain, through from journal_row where epoch = ? and seq > ? order by seq limit ?",
    ),
    row: db.prepare<[number, number], JournalRow>(
      "select seq, body, chain, through from journal_row where epoch = ? and seq = ?",
    ),
    lastBody: db
      .prepare<[number, number], string>(
        "select body from journal_row where epoch = ? and seq <= ? order by seq desc limit 1",
      )
      .pluck(),
    rowsBetween: db.prepare<[number, number, number], JournalRow>(
      "select seq, body, chain, through from journal_row where epoch = ? and seq between ? and ? order by seq",
    ),
    between: db.prepare<[number, number, number], { rows: number; bytes: number }>(
      `select count(*) as rows, coalesce(sum(length(body)), 0) as bytes
       from journal_row where epoch = ? and seq between ? and ?`,
    ),
    ofType: db.prepare<[number, string, number, number], Position>(
      `select seq, chain from journal_row indexed by journal_row_type
       where epoch = ? and substr(body, 10, 4) = ? and seq > ? order by seq limit ?`,
    ),
    deleteRows: db.prepare<[number, number, number]>(
      "delete from journal_row where epoch = ? and seq > ? and seq <= ?",
    ),
    note: db.prepare<[string], string>("select value from note where key = ?").pluck(),
    setNote: db.prepare<[string, string]>(
      "insert into note (key, value) values (?, ?) on conflict do update set value = excluded.value",
    ),
  };
}
