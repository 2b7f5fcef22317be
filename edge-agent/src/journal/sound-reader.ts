import { nextChain } from "@storeward/runtime";
import type { JournalRow } from "./journal.js";
import { type Position, WHY } from "./lost.js";
import type { RowStore } from "./row-store.js";

/** What a card has damaged without SQLite noticing. */
type Damage =
  | { readonly kind: "chain"; readonly row: JournalRow; readonly chain: string }
  | { readonly kind: "lost"; readonly from: number; readonly row: JournalRow };

/**
 * Reads rows and checks each against the chain: one that does not follow from the row before it is made a lost one, so that it is declared
 * and never delivered as something that was not observed.
 */
export class SoundReader {
  readonly #store: RowStore;
  readonly #onDamage: (rows: number) => void;

  constructor(store: RowStore, onDamage: (rows: number) => void) {
    this.#store = store;
    this.#onDamage = onDamage;
  }

  /** Rows after `after`, at most so many rows and bytes of bodies. */
  read(epoch: number, after: number, maxRows: number, maxBytes: number): JournalRow[] {
    for (;;) {
      const { rows, damage } = this.#take(epoch, after, maxRows, maxBytes);
      if (damage === undefined) return rows;
      this.#store.transaction(() => this.#mend(epoch, damage));
      if (rows.length > 0) return rows;
    }
  }

  #take(epoch: number, after: number, maxRows: number, maxBytes: number): { rows: JournalRow[]; damage?: Damage } {
    const rows: JournalRow[] = [];
    let bytes = 0;
    let before: Position | undefined;
    for (const row of this.#store.rowsAfter(epoch, after, maxRows)) {
      bytes += Buffer.byteLength(row.body);
      if (bytes > maxBytes) break;
      const prev = before?.seq === row.seq - 1 ? before.chain : this.#chainBefore(epoch, row.seq);
      if (prev === undefined) return { rows, damage: this.#hole(epoch, before?.seq ?? after, row) };
      const chain = nextChain(prev, row.seq, row.body);
      if (chain !== row.chain) return { rows, damage: this.#damageOf(epoch, row, chain) };
      rows.push(row);
      before = row;
    }
    return { rows };
  }

  /** The chain before a row that is not behind another one: at the end of a lost run, or of what is no longer kept. */
  #chainBefore(epoch: number, seq: number): string | undefined {
    const known = this.#store.chainAt(epoch, seq - 1);
    if (known !== undefined) return known;
    const row = this.#store.epochs.numbered(epoch);
    return row?.cut === seq - 1 ? row.cut_chain : undefined;
  }

  /** A body that was changed, or only the chain beside it: then the next row follows from what the chain should be. */
  #damageOf(epoch: number, row: JournalRow, chain: string): Damage {
    const next = this.#store.row(epoch, row.seq + 1);
    const follows = next !== undefined && nextChain(chain, next.seq, next.body) === next.chain;
    return follows ? { kind: "chain", row, chain } : { kind: "lost", from: row.seq, row };
  }

  /** Without the chain before it nothing proves a row: it goes with those that are missing before it. */
  #hole(epoch: number, after: number, row: JournalRow): Damage {
    const run = this.#store.lost.lastBefore(epoch, row.seq);
    return { kind: "lost", from: Math.max(after, run?.to ?? 0) + 1, row };
  }

  #mend(epoch: number, damage: Damage): void {
    const { row } = damage;
    if (damage.kind === "chain") {
      this.#store.mendChain(epoch, row.seq, damage.chain);
      return;
    }
    const { seq, chain } = row;
    if (damage.from < seq)
      this.#store.lost.add(epoch, [{ from: damage.from, to: seq - 1, chain, why: WHY.damaged, types: {} }]);
    this.#store.lose(epoch, row, WHY.damaged);
    this.#onDamage(seq - damage.from + 1);
  }
}
