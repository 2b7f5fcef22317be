const BLOCK_ROWS = 256;

/** One row of numbers: it begins at `at` of `block`. */
export interface Row {
  readonly block: Float64Array;
  readonly at: number;
}

/**
 * Rows of numbers of one length, in blocks. What is known of fifty thousand tags is millions of numbers: as fields of objects each would
 * be a box of its own for the garbage collector to visit, here it is eight bytes.
 */
export class Rows {
  readonly #length: number;
  readonly #free: Row[] = [];
  #blocks = 0;

  constructor(length: number) {
    this.#length = length;
  }

  /** Rows that there is room for, taken or not. */
  get capacity(): number {
    return this.#blocks * BLOCK_ROWS;
  }

  /** A row of zeros. */
  take(): Row {
    const row = this.#free.pop();
    if (row !== undefined) {
      row.block.fill(0, row.at, row.at + this.#length);
      return row;
    }
    const block = new Float64Array(BLOCK_ROWS * this.#length);
    this.#blocks++;
    for (let index = BLOCK_ROWS - 1; index >= 0; index--) this.#free.push({ block, at: index * this.#length });
    return this.take();
  }

  /** Nobody uses the row any more. */
  give(row: Row): void {
    this.#free.push(row);
  }
}

/** A row that belongs to nothing else. */
export function rowOf(length: number): Row {
  return { block: new Float64Array(length), at: 0 };
}
