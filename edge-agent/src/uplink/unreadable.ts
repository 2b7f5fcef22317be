import { MAX_BATCH_ROWS } from "@storeward/contracts";
import type { Flight } from "./flights.js";

/** What the cloud could not read: such a batch is halved until it can, down to the one row that goes as `opaque`. */
export class Unreadable {
  #halved: { readonly rows: number; readonly until: number } | undefined;
  #row: number | undefined;

  /** Rows of the next batch. */
  get maxRows(): number {
    return this.#halved?.rows ?? MAX_BATCH_ROWS;
  }

  /** The row that nobody can read. */
  get row(): number | undefined {
    return this.#row;
  }

  /** While looking for it, one batch at a time. */
  get isSearching(): boolean {
    return this.#halved !== undefined || this.#row !== undefined;
  }

  refused({ rows, last }: Flight): void {
    if (rows > 1) this.#halved = { rows: Math.floor(rows / 2), until: last };
    else this.#row = last;
  }

  committed(seq: number): void {
    if (this.#halved !== undefined && seq >= this.#halved.until) this.#halved = undefined;
    if (this.#row !== undefined && seq >= this.#row) this.#row = undefined;
  }
}
