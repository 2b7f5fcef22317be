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
  first = 0;
  last = 0;
  #tag: ShelfTag;
  #read: TagRead;

  constructor(board: number, sum: StrengthSum, tag: ShelfTag, read: TagRead) {
    this.board = board;
    this.sum = sum;
    this.#tag = tag;
    this.#read = read;
    this.begin(tag, read);
  }

  get tag(): ShelfTag {
    return this.#tag;
  }

  /** The first read of the round. */
  get read(): TagRead {
    return this.#read;
  }

  /** The first read of another tag, or of another round. */
  begin(tag: ShelfTag, read: TagRead): void {
    this.#tag = tag;
    this.#read = read;
    this.first = read.first;
    this.last = read.last;
    this.sum.restart(0);
  }

  add(read: TagRead): void {
    this.first = Math.min(this.first, read.first);
    this.last = Math.max(this.last, read.last);
    this.sum.add(read.antenna, read.count, read.rssi, read.rssi);
  }
}
