import { rmSync } from "node:fs";
import type { Lost } from "@storeward/contracts";
import Database from "better-sqlite3";
import type { StoredPresence } from "./journal.js";
import { overlaid, type PresenceChange } from "./presence-store.js";

/** Where a row lies in a damaged file; its body is read when its turn comes. */
export interface Place {
  readonly epoch: number;
  readonly seq: number;
  readonly rowid: number;
}

export interface DamagedRow {
  readonly chain: string;
  readonly through: number;
  readonly body: string;
}

export interface DamagedEpoch {
  readonly number: number;
  readonly epoch: string;
  readonly cut: number;
  readonly cut_chain: string;
  readonly acked: number;
}

/** Asks that may fail before the rest of the file is given up: each is a page or a row that cannot be read. */
const MAX_FAILURES = 20_000;
const PIECE = 4_096;

/**
 * A journal that SQLite finds damaged, read without being changed, as far as SQLite gives it: what fails is cut in halves down to the single
 * row. Nothing it says is proven; that is for the chain to do.
 */
export class DamagedFile {
  readonly #file: string;
  #db: Database.Database | undefined;
  #failures = 0;

  constructor(file: string) {
    this.#file = file;
    try {
      this.#db = new Database(file, { readonly: true, fileMustExist: true, timeout: 500 });
      this.#db.prepare("select count(*) from sqlite_schema").get();
    } catch {
      // Not a database any more.
      this.close();
    }
  }

  close(): void {
    try {
      this.#db?.close();
    } catch {
      // It was never open.
    }
    this.#db = undefined;
    // Made for reading, and never part of a journal.
    rmSync(`${this.#file}-shm`, { force: true });
  }

  /** Where all rows are that can be read, by epoch and number. */
  places(): Place[] {
    const places: Place[] = [];
    const last = this.#number("select max(rowid) from journal_row") ?? this.#lastRowid();
    for (let from = 1; from <= last; from += PIECE) this.#between(from, Math.min(last, from + PIECE - 1), places);
    const usable = places.filter(
      ({ epoch, seq }) => Number.isSafeInteger(epoch) && Number.isSafeInteger(seq) && seq > 0,
    );
    return usable.sort((a, b) => a.epoch - b.epoch || a.seq - b.seq || b.rowid - a.rowid);
  }

  row(rowid: number): DamagedRow | undefined {
    const row = this.#try(() =>
      this.#db
        ?.prepare<[number], DamagedRow>("select chain, through, body from journal_row where rowid = ?")
        .get(rowid),
    );
    const isRow = typeof row?.chain === "string" && typeof row.body === "string" && Number.isSafeInteger(row.through);
    return isRow && /^[0-9a-f]{16}$/.test(row.chain) ? row : undefined;
  }

  epochs(): DamagedEpoch[] {
    const all = this.#all<DamagedEpoch>("select number, epoch, cut, cut_chain, acked from epoch order by number");
    return (all ?? []).filter(
      ({ epoch, cut, cut_chain }) =>
        /^[0-9a-f]{32}$/.test(epoch) && /^[0-9a-f]{16}$/.test(cut_chain) && Number.isSafeInteger(cut) && cut >= 0,
    );
  }

  /** The tombstones that end there. */
  runEndingAt(epoch: number, seq: number): Lost | undefined {
    const sql =
      'select from_seq as "from", to_seq as "to", chain, why, types from lost_run where epoch = ? and to_seq = ?';
    const run = this.#try(() => this.#db?.prepare<[number, number], Lost & { types: string }>(sql).get(epoch, seq));
    if (run === undefined || !isJson(run.types) || !/^[0-9a-f]{16}$/.test(run.chain)) return undefined;
    return { ...run, types: JSON.parse(run.types) as Lost["types"] };
  }

  /** All of them, or none: half of what is present is worse than asking the readers again. */
  presences(): StoredPresence[] {
    const columns = 'select read_point as "readPoint", epc, state from';
    const table = this.#all<StoredPresence>(`${columns} presence`);
    const changes = this.#hasTable("presence_change")
      ? this.#all<PresenceChange>(`${columns} presence_change order by id`)
      : [];
    if (table === undefined || changes === undefined) return [];
    const all = overlaid(table, changes);
    return all.every(({ state }) => isJson(state)) ? all : [];
  }

  notes(): Map<string, string> {
    const all = this.#all<{ key: string; value: string }>("select key, value from note") ?? [];
    return new Map(all.map(({ key, value }) => [String(key), String(value)]));
  }

  #between(from: number, to: number, places: Place[]): void {
    if (this.#failures > MAX_FAILURES || this.#db === undefined) return;
    const sql = "select epoch, seq, rowid from journal_row not indexed where rowid between ? and ?";
    const found = this.#try(() => this.#db?.prepare<[number, number], Place>(sql).all(from, to));
    if (found !== undefined) {
      for (const place of found) places.push(place);
      return;
    }
    if (from === to) return;
    const middle = Math.floor((from + to) / 2);
    this.#between(from, middle, places);
    this.#between(middle + 1, to, places);
  }

  /** When even the last row cannot be asked for: the index may know of it. */
  #lastRowid(): number {
    return this.#number("select max(rowid) from journal_row indexed by journal_row_seq") ?? 1 << 20;
  }

  /** Where that cannot be told, it has: what is asked of it then fails. */
  #hasTable(name: string): boolean {
    const sql = "select count(*) from sqlite_schema where name = ?";
    return this.#try(() => this.#db?.prepare<[string], number>(sql).pluck().get(name)) !== 0;
  }

  #number(sql: string): number | undefined {
    const value = this.#try(() => this.#db?.prepare<[], number | null>(sql).pluck().get());
    return typeof value === "number" && Number.isSafeInteger(value) ? value : undefined;
  }

  #all<T>(sql: string): T[] | undefined {
    return this.#try(() => this.#db?.prepare<[], T>(sql).all());
  }

  #try<T>(ask: () => T): T | undefined {
    try {
      return ask();
    } catch {
      this.#failures++;
      return undefined;
    }
  }
}

function isJson(text: unknown): boolean {
  try {
    return typeof text === "string" && JSON.parse(text) !== undefined;
  } catch {
    return false;
  }
}
