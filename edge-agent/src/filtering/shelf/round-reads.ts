import type { TagRead } from "../../readers/driver.js";
import type { Row } from "../rows.js";
import { lengthOfSum, StrengthSum } from "../strength.js";
import type { ShelfTag } from "./shelf-tag.js";

const FIRST = 0;
const LAST = 1;
const SUM = 2;

/** Numbers that the reads of a board with so many antennas take. */
export function lengthOfReads(antennas: number): number {
  return SUM + lengthOfSum(antennas);
}

/** Reads of one tag at one board in one round. Its board uses it again and again, for there are as many as there are reads. */
export class RoundReads {
  /** The board's number among those of the device. */
  readonly board: number;
  readonly sum: StrengthSum;
  /** The next one of the same tag. */
  next: RoundReads | undefined;
  readonly #block: Float64Array;
  readonly #at: number;
  #tag: ShelfTag;

  constructor(board: number, { block, at }: Row, tag: ShelfTag, first: number) {
    this.board = board;
    this.#block = block;
    this.#at = at;
    this.#tag = tag;
    this.sum = new StrengthSum({ block, at: at + SUM }, 0);
    this.begin(tag, first);
  }

  get tag(): ShelfTag {
    return this.#tag;
  }

  /** When it was read first, mono ms. */
  get first(): number {
    return this.#block[this.#at + FIRST] ?? 0;
  }

  get last(): number {
    return this.#block[this.#at + LAST] ?? 0;
  }

  /** It is another tag's now, or another round's, whose first read was at `at`. */
  begin(tag: ShelfTag, at: number): void {
    this.#tag = tag;
    this.#block[this.#at + FIRST] = at;
    this.#block[this.#at + LAST] = at;
    this.sum.restart(0);
  }

  add(read: TagRead): void {
    this.#block[this.#at + FIRST] = Math.min(this.first, read.first);
    this.#block[this.#at + LAST] = Math.max(this.last, read.last);
    this.sum.add(read.antenna, read.count, read.rssi, read.rssi);
  }
}
