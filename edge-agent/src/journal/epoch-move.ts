import type { Lost } from "@storeward/contracts";
import { crashPoint, nextChain } from "@storeward/runtime";
import type { EpochRow } from "./epoch-store.js";
import type { JournalRow } from "./journal.js";
import { carried, type Position } from "./lost.js";
import { copyOf } from "./origin.js";
import type { RowStore } from "./row-store.js";
import type { SoundReader } from "./sound-reader.js";

/** Of one transaction: little enough that what is observed meanwhile does not wait long, and that the WAL stays small. */
const ROWS = 1_000;
const BYTES = 512 * 1024;

/**
 * Carries the rows of one epoch into a new one, a piece at a time: in one transaction they are written there and deleted here, so that a crash
 * never has a row twice or not at all, and the file does not grow by more than their origins.
 */
export class EpochMove {
  readonly target: EpochRow;
  readonly #store: RowStore;
  readonly #reader: SoundReader;
  readonly #source: EpochRow;
  #head: Position;

  constructor(store: RowStore, reader: SoundReader, source: EpochRow, target: EpochRow) {
    this.#store = store;
    this.#reader = reader;
    this.#source = source;
    this.target = target;
    this.#head = store.head(target);
  }

  /** The new epoch's head. */
  get head(): Position {
    return this.#head;
  }

  /** Carries the next rows after `from`, and says how far it came; `from` itself when there are none. In a transaction of its own. */
  step(from: Position): Position {
    const { number } = this.#source;
    const rows = this.#reader.read(number, from.seq, ROWS, BYTES);
    const runs = this.#store.lost.after(number, from.seq, ROWS);
    if (rows.length === 0 && runs.length === 0) return from;
    const moved = this.#store.transaction(() => {
      const to = this.#carry(from, rows, runs);
      crashPoint("while-forking");
      this.#store.cut(number, to.position);
      return to;
    });
    this.#head = moved.head;
    return moved.position;
  }

  /** All is carried: the new epoch is on its own. Part of the caller's transaction. */
  finish(): void {
    this.#store.epochs.endSource(this.target.number, this.#source.number);
  }

  #carry(from: Position, rows: readonly JournalRow[], runs: readonly Lost[]): { position: Position; head: Position } {
    const { epoch } = this.#source;
    const { number } = this.target;
    let position = from;
    let head = this.#head;
    const pending = [...runs];
    const carryRun = (run: Lost) => {
      const there = carried(run, epoch, head);
      this.#store.lost.add(number, [there]);
      head = { seq: there.to, chain: there.chain };
      position = { seq: run.to, chain: run.chain };
    };
    for (const { seq, chain, body, through } of rows) {
      while (position.seq + 1 < seq) {
        const run = pending.shift();
        if (run === undefined || run.from !== position.seq + 1) return { position, head };
        carryRun(run);
      }
      const copy = copyOf(body, { epoch, seq, chain });
      head = { seq: head.seq + 1, chain: nextChain(head.chain, head.seq + 1, copy) };
      this.#store.addRow(number, { ...head, body: copy, through });
      position = { seq, chain };
    }
    for (const run of pending) {
      if (run.from !== position.seq + 1) break;
      carryRun(run);
    }
    return { position, head };
  }
}
