import type { KeptEpoch } from "@storeward/contracts";
import { GENESIS_CHAIN, nextChain } from "@storeward/runtime";
import { crashPoint } from "../crash-point.js";
import type { Sqlite } from "./database.js";
import type { Entry, JournalRow, StoredPresence } from "./journal.js";

/** An entry whose body is made: what a transaction writes. */
export interface PreparedEntry extends Omit<Entry, "draft"> {
  readonly body: string;
  readonly through: number;
  /** When it was given to the journal (mono ms); absent for what does not wait for others. */
  readonly mono?: number;
}

interface EpochRow {
  readonly number: number;
  readonly epoch: string;
  readonly cut: number;
  readonly cut_chain: string;
  readonly acked: number;
  readonly acked_chain: string;
  readonly released: number;
}

/** Where an epoch stands: what is written with the next transaction, and holds in memory before. */
export interface EpochState {
  readonly acked: number;
  readonly ackedChain: string;
  readonly released: number;
}

/** The tables of one journal file: every method is one statement or one part of the caller's transaction. */
export class RowStore {
  readonly #db: Sqlite;
  readonly #statements: ReturnType<typeof prepareAll>;

  constructor(db: Sqlite) {
    this.#db = db;
    this.#statements = prepareAll(db);
  }

  /** The epoch being written: the last one made; `epoch` names it where the file has none yet. */
  current(epoch: string): EpochRow {
    const last = this.#statements.lastEpoch.get();
    if (last !== undefined) return last;
    this.#statements.addEpoch.run(epoch, GENESIS_CHAIN, GENESIS_CHAIN);
    return this.current(epoch);
  }

  head(epoch: EpochRow): { seq: number; chain: string } {
    return this.#statements.lastRow.get(epoch.number) ?? { seq: epoch.cut, chain: epoch.cut_chain };
  }

  /** Adds the entries after `head` and returns the new head. */
  add(
    epoch: number,
    head: { seq: number; chain: string },
    entries: readonly PreparedEntry[],
  ): { seq: number; chain: string } {
    let { seq, chain } = head;
    for (const { body, through, presence, note } of entries) {
      chain = nextChain(chain, ++seq, body);
      this.#statements.addRow.run(epoch, seq, chain, through, body);
      if (presence?.state === null) this.#statements.removePresence.run(presence.readPoint, presence.epc);
      else if (presence !== undefined)
        this.#statements.setPresence.run(presence.readPoint, presence.epc, presence.state);
      if (note !== undefined) this.setNote(note.key, note.value);
    }
    return { seq, chain };
  }

  chainAt(epoch: number, seq: number): string | undefined {
    return this.#statements.chainAt.get(epoch, seq);
  }

  read(epoch: number, after: number, maxRows: number, maxBytes: number): JournalRow[] {
    const rows: JournalRow[] = [];
    let bytes = 0;
    for (const row of this.#statements.rowsAfter.iterate(epoch, after, maxRows)) {
      bytes += Buffer.byteLength(row.body);
      if (bytes > maxBytes) break;
      rows.push(row);
    }
    return rows;
  }

  /** Deletes up to `limit` rows that are no longer kept; returns how far it came. */
  purge(epoch: number, from: number, to: number, limit: number): number {
    const upTo = Math.min(to, from + limit);
    const chain = upTo > from ? this.chainAt(epoch, upTo) : undefined;
    if (chain === undefined) return from;
    this.#statements.deleteRows.run(epoch, upTo);
    crashPoint("while-trimming");
    this.#statements.setCut.run(upTo, chain, epoch);
    return upTo;
  }

  setState(epoch: number, { acked, ackedChain, released }: EpochState): void {
    this.#statements.setState.run(acked, ackedChain, released, epoch);
  }

  /** Epochs before the current one, as they lie in the file. */
  earlier(current: number): KeptEpoch[] {
    return this.#statements.earlier.all(current).map((row) => {
      const head = this.head(row);
      return {
        epoch: row.epoch,
        head: head.seq,
        headChain: head.chain,
        oldest: row.cut + 1,
        acked: row.acked,
        ackedChain: row.acked_chain,
      };
    });
  }

  presences(): StoredPresence[] {
    return this.#statements.presences.all();
  }

  note(key: string): string | undefined {
    return this.#statements.note.get(key);
  }

  setNote(key: string, value: string): void {
    this.#statements.setNote.run(key, value);
  }

  /** Whether the last rows follow from one another: a file copied while it was written may be sound to SQLite and still not be ours. */
  tailIsSound(epoch: number, head: number, rows: number): boolean {
    let before = this.chainAt(epoch, head - rows);
    for (const row of this.#statements.rowsAfter.iterate(epoch, head - rows, rows)) {
      if (before !== undefined && nextChain(before, row.seq, row.body) !== row.chain) return false;
      before = row.chain;
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
    return this.#db.transaction(work).immediate();
  }

  close(): void {
    this.#db.close();
  }
}

function prepareAll(db: Sqlite) {
  return {
    lastEpoch: db.prepare<[], EpochRow>("select * from epoch order by number desc limit 1"),
    earlier: db.prepare<[number], EpochRow>("select * from epoch where number < ? order by number"),
    addEpoch: db.prepare<[string, string, string]>(
      "insert into epoch (epoch, cut_chain, acked_chain) values (?, ?, ?)",
    ),
    setState: db.prepare<[number, string, number, number]>(
      "update epoch set acked = ?, acked_chain = ?, released = ? where number = ?",
    ),
    setCut: db.prepare<[number, string, number]>("update epoch set cut = ?, cut_chain = ? where number = ?"),
    lastRow: db.prepare<[number], { seq: number; chain: string }>(
      "select seq, chain from journal_row where epoch = ? order by seq desc limit 1",
    ),
    addRow: db.prepare<[number, number, string, number, string]>(
      "insert into journal_row (epoch, seq, chain, through, body) values (?, ?, ?, ?, ?)",
    ),
    chainAt: db.prepare<[number, number], string>("select chain from journal_row where epoch = ? and seq = ?").pluck(),
    rowsAfter: db.prepare<[number, number, number], JournalRow>(
      "select seq, body, chain, through from journal_row where epoch = ? and seq > ? order by seq limit ?",
    ),
    deleteRows: db.prepare<[number, number]>("delete from journal_row where epoch = ? and seq <= ?"),
    presences: db.prepare<[], StoredPresence>(
      'select read_point as "readPoint", epc, state from presence order by read_point, epc',
    ),
    setPresence: db.prepare<[string, string, string]>(
      "insert into presence (read_point, epc, state) values (?, ?, ?) on conflict do update set state = excluded.state",
    ),
    removePresence: db.prepare<[string, string]>("delete from presence where read_point = ? and epc = ?"),
    note: db.prepare<[string], string>("select value from note where key = ?").pluck(),
    setNote: db.prepare<[string, string]>(
      "insert into note (key, value) values (?, ?) on conflict do update set value = excluded.value",
    ),
  };
}
