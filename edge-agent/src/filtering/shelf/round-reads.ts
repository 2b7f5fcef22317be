import type { TagRead } from "../../readers/driver.js";
import type { StrengthSum } from "../strength.js";
import type { ShelfTag } from "./shelf-tag.js";

/** Reads of one tag at one board in one round. Its board uses it again and again, for there are as many as there are reads. */
export class RoundReads {
  /** The board's number among those of the device. */
  readonly board: number;
  readonly sum: StrengthSum;
  /** The next one of the same tag. */
  next: RoundReads | undefined;
  first: number;
  last: number;
  #tag: ShelfTag;

  constructor(board: number, sum: StrengthSum, tag: ShelfTag, at: number) {
    this.board = board;
    this.sum = sum;
    this.#tag = tag;
    this.first = at;
    this.last = at;
  }

  get tag(): ShelfTag {
    return this.#tag;
  }

  /** It is another tag's now, or another round's, whose first read was at `at`. */
  begin(tag: ShelfTag, at: number): void {
    this.#tag = tag;
    this.first = at;
    this.last = at;
    this.sum.restart(0);
  }

  add(read: TagRead): void {
    this.first = Math.min(this.first, read.first);
    this.last = Math.max(this.last, read.last);
    this.sum.add(read.antenna, read.count, read.rssi, read.rssi);
  }
}
