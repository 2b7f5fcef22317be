import { GENESIS_CHAIN } from "@storeward/runtime";
import type { Sqlite } from "./database.js";

export interface EpochRow {
  readonly number: number;
  readonly epoch: string;
  readonly cut: number;
  readonly cut_chain: string;
  readonly acked: number;
  readonly acked_chain: string;
  readonly released: number;
  readonly source: number | null;
  readonly ended: number;
}

/** Where an epoch stands: what is written with the next transaction, and holds in memory before. */
export interface EpochState {
  readonly acked: number;
  readonly ackedChain: string;
  readonly released: number;
}

/** Names of epochs that have ended which the file remembers. */
const ENDED_KEPT = 16;

/** The epochs of a journal file: one, two while a fork is under way, and the names of those that have ended. */
export class EpochStore {
  readonly #statements: ReturnType<typeof prepareAll>;

  constructor(db: Sqlite) {
    this.#statements = prepareAll(db);
  }

  /** Those that are kept, oldest first; `epoch` names the one that a new file begins with. */
  kept(epoch: string): EpochRow[] {
    const found = this.#statements.kept.all();
    if (found.length > 0) return found;
    this.add(epoch, null);
    return this.#statements.kept.all();
  }

  numbered(number: number): EpochRow | undefined {
    return this.#statements.numbered.get(number);
  }

  /** Whether the file has, or had, this epoch. */
  knows(epoch: string): boolean {
    return this.#statements.named.get(epoch) !== undefined;
  }

  add(epoch: string, source: number | null): EpochRow {
    this.#statements.add.run(epoch, GENESIS_CHAIN, GENESIS_CHAIN, source);
    const added = this.#statements.named.get(epoch);
    if (added === undefined) throw new RangeError("an epoch was not added");
    return added;
  }

  /** All of `source` is in `epoch` now. */
  endSource(epoch: number, source: number): void {
    this.#statements.filled.run(epoch);
    this.#statements.ended.run(source);
    this.#statements.forgetEnded.run(ENDED_KEPT);
  }

  /** Only its name is remembered. */
  addEnded(epoch: string): void {
    if (!this.knows(epoch)) this.#statements.ended.run(this.add(epoch, null).number);
  }

  setCut(epoch: number, seq: number, chain: string): void {
    this.#statements.setCut.run(seq, chain, epoch);
  }

  setState(epoch: number, { acked, ackedChain, released }: EpochState): void {
    this.#statements.setState.run(acked, ackedChain, released, epoch);
  }
}

function prepareAll(db: Sqlite) {
  return {
    kept: db.prepare<[], EpochRow>("select * from epoch where ended = 0 order by number"),
    named: db.prepare<[string], EpochRow>("select * from epoch where epoch = ?"),
    numbered: db.prepare<[number], EpochRow>("select * from epoch where number = ?"),
    add: db.prepare<[string, string, string, number | null]>(
      "insert into epoch (epoch, cut_chain, acked_chain, source) values (?, ?, ?, ?)",
    ),
    filled: db.prepare<[number]>("update epoch set source = null where number = ?"),
    ended: db.prepare<[number]>("update epoch set ended = 1 where number = ?"),
    forgetEnded: db.prepare<[number]>(
      `delete from epoch where ended = 1 and number not in
         (select number from epoch where ended = 1 order by number desc limit ?)`,
    ),
    setState: db.prepare<[number, string, number, number]>(
      "update epoch set acked = ?, acked_chain = ?, released = ? where number = ?",
    ),
    setCut: db.prepare<[number, string, number]>("update epoch set cut = ?, cut_chain = ? where number = ?"),
  };
}
