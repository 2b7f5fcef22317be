import type { Lost } from "@storeward/contracts";
import type { Sqlite } from "./database.js";
import { joined } from "./lost.js";

interface Stored {
  readonly from_seq: number;
  readonly to_seq: number;
  readonly chain: string;
  readonly why: string;
  readonly types: string;
}

/** Tombstones of a journal file: runs of rows that are gone. Runs that touch are one, so there are never more of them than rows between them. */
export class LostStore {
  readonly #statements: ReturnType<typeof prepareAll>;

  constructor(db: Sqlite) {
    this.#statements = prepareAll(db);
  }

  /** Adds runs, in order, and puts them together with those they touch. */
  add(epoch: number, runs: readonly Lost[]): void {
    for (const run of joined(runs)) {
      const before = this.endingAt(epoch, run.from - 1);
      const [after] = this.after(epoch, run.to, 1);
      const near = [before, run, after?.from === run.to + 1 ? after : undefined].filter((one) => one !== undefined);
      for (const { to } of near) this.#statements.remove.run(epoch, to);
      for (const one of joined(near)) this.#insert(epoch, one);
    }
  }

  /** Runs that end after `seq`, in order. */
  after(epoch: number, seq: number, limit: number): Lost[] {
    return this.#statements.after.all(epoch, seq, limit).map(lostOf);
  }

  endingAt(epoch: number, seq: number): Lost | undefined {
    const found = this.#statements.at.get(epoch, seq);
    return found && lostOf(found);
  }

  /** The last run that ends before `seq`. */
  lastBefore(epoch: number, seq: number): Lost | undefined {
    const found = this.#statements.lastBefore.get(epoch, seq);
    return found && lostOf(found);
  }

  deleteUpTo(epoch: number, seq: number): void {
    this.#statements.deleteUpTo.run(epoch, seq);
  }

  /** Rows that are lost for this reason and not yet released, in all epochs. */
  count(why: string): number {
    return this.#statements.count.get(why) ?? 0;
  }

  #insert(epoch: number, { from, to, chain, why, types }: Lost): void {
    this.#statements.insert.run(epoch, from, to, chain, why, JSON.stringify(types));
  }
}

function lostOf({ from_seq, to_seq, chain, why, types }: Stored): Lost {
  return { from: from_seq, to: to_seq, chain, why, types: JSON.parse(types) as Lost["types"] };
}

function prepareAll(db: Sqlite) {
  return {
    insert: db.prepare<[number, number, number, string, string, string]>(
      "insert into lost_run (epoch, from_seq, to_seq, chain, why, types) values (?, ?, ?, ?, ?, ?)",
    ),
    remove: db.prepare<[number, number]>("delete from lost_run where epoch = ? and to_seq = ?"),
    at: db.prepare<[number, number], Stored>("select * from lost_run where epoch = ? and to_seq = ?"),
    after: db.prepare<[number, number, number], Stored>(
      "select * from lost_run where epoch = ? and to_seq > ? order by to_seq limit ?",
    ),
    lastBefore: db.prepare<[number, number], Stored>(
      "select * from lost_run where epoch = ? and to_seq < ? order by to_seq desc limit 1",
    ),
    deleteUpTo: db.prepare<[number, number]>("delete from lost_run where epoch = ? and to_seq <= ?"),
    count: db
      .prepare<[string], number>("select coalesce(sum(to_seq - from_seq + 1), 0) from lost_run where why = ?")
      .pluck(),
  };
}
