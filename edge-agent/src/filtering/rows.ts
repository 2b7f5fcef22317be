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
  #block = new Float64Array(0);
  /** Rows of the block that were never taken. */
  #left = 0;

  constructor(length: number) {
    this.#length = length;
  }

  /** A row of zeros. */
  take(): Row {
    const { block, at } = this.#free.pop() ?? this.#fresh();
    block.fill(0, at, at + this.#length);
    return { block, at };
  }

  /** Nobody uses the row any more. */
  give({ block, at }: Row): void {
    this.#free.push({ block, at });
  }

  #fresh(): Row {
    if (this.#left === 0) {
      this.#block = new Float64Array(BLOCK_ROWS * this.#length);
      this.#left = BLOCK_ROWS;
    }
    this.#left--;
    return { block: this.#block, at: this.#left * this.#length };
  }
}

/** A row that belongs to nothing else. */
export function rowOf(length: number): Row {
  return { block: new Float64Array(length), at: 0 };
}
