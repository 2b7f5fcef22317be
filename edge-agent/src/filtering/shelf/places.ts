import { type Row, Rows } from "../rows.js";

/** Boards at which one tag is followed at most. */
export const MAX_BOARDS = 8;
/** No board. */
export const NOWHERE = -1;

/*
 * Of the tag: how likely it is nowhere near, as the weights of boards; by how much its most likely place leads; and how much rather it was
 * where it is told to be than nowhere, when that board last heard anything.
 */
const AWAY = 0;
const LEAD = 1;
const HELD = 2;
const OF_TAG = 3;
/* Of each of its boards. */
export const WEIGHT = 0;
export const RSSI = 1;
export const LAST_ROUND = 2;
export const FIRST_READ = 3;
export const LAST_READ = 4;
export const OPEN = 5;
const OF_BOARD = 6;

/** Boards that rows of numbers are made for: most tags are read by two. */
const SIZES = [2, 4, MAX_BOARDS] as const;
const NO_ROW: Row = { block: new Float64Array(0), at: 0 };

/** The rows of all tags of a device. */
export class PlaceRows {
  readonly #sizes = SIZES.map((boards) => ({ boards, rows: new Rows(OF_TAG + boards * OF_BOARD) }));

  /** A row with room for so many boards and, where that can be, no more than twice as many. */
  take(boards: number): { readonly row: Row; readonly room: number } {
    const size = this.#sizes.find((size) => size.boards >= boards);
    if (size === undefined) throw new RangeError(`a tag is followed at ${MAX_BOARDS} boards at most`);
    return { row: size.rows.take(), room: size.boards };
  }

  give(row: Row, room: number): void {
    this.#sizes.find(({ boards }) => boards === room)?.rows.give(row);
  }
}

/**
 * The numbers by which boards compete for one tag, side by side in memory: each round of each of its boards looks at those of all the
 * others, thousands of tags one after another, and what is apart must be fetched apart. A board goes by its place in the row, from 0 on in
 * the order in which the boards read the tag first. Weights are in nats.
 */
export class Places {
  /** Boards in the row. */
  boards = 0;
  /** The most likely one, or `NOWHERE`. */
  leading = NOWHERE;
  readonly #rows: PlaceRows;
  #block = NO_ROW.block;
  #at = NO_ROW.at;
  #room = 0;

  constructor(rows: PlaceRows) {
    this.#rows = rows;
  }

  get away(): number {
    return this.boards === 0 ? 0 : (this.#block[this.#at + AWAY] ?? 0);
  }

  /** Means nothing without a board. */
  set away(nats: number) {
    this.#block[this.#at + AWAY] = nats;
  }

  /** By how many nats the most likely place leads. */
  get lead(): number {
    return this.boards === 0 ? Number.POSITIVE_INFINITY : (this.#block[this.#at + LEAD] ?? 0);
  }

  /** By how many nats it was rather where it is told to be than nowhere, when that board last heard anything. */
  get held(): number {
    return this.#block[this.#at + HELD] ?? 0;
  }

  /** Means nothing without a board. */
  set held(nats: number) {
    this.#block[this.#at + HELD] = nats;
  }

  /** One of the numbers of a board. */
  numberOf(place: number, field: number): number {
    return this.#block[this.#at + OF_TAG + place * OF_BOARD + field] ?? 0;
  }

  setNumber(place: number, field: number, value: number): void {
    this.#block[this.#at + OF_TAG + place * OF_BOARD + field] = value;
  }

  /** Makes a place for one more board, all of it zero. */
  protected addPlace(): number {
    if (this.boards === this.#room) this.#grow();
    this.#block.fill(0, this.#startOf(this.boards), this.#startOf(this.boards + 1));
    return this.boards++;
  }

  /** Takes a board out: those that come after it move up. */
  protected removePlace(place: number): void {
    this.#block.copyWithin(this.#startOf(place), this.#startOf(place + 1), this.#startOf(this.boards));
    this.boards--;
  }

  /** There is no board any more. */
  protected removeAll(): void {
    if (this.#room > 0) this.#rows.give({ block: this.#block, at: this.#at }, this.#room);
    this.#block = NO_ROW.block;
    this.#at = NO_ROW.at;
    this.#room = 0;
    this.boards = 0;
    this.rank();
  }

  /** How strongly the board that reads it best does so, of those that have read it in the last `ms` (dBm); `usual` where none has. */
  protected level(now: number, ms: number, usual: number): number {
    let level = Number.NEGATIVE_INFINITY;
    for (let place = 0; place < this.boards; place++)
      if (now - this.numberOf(place, LAST_READ) < ms) level = Math.max(level, this.numberOf(place, RSSI));
    return level === Number.NEGATIVE_INFINITY ? usual : level;
  }

  /** Finds the most likely place, and its lead. */
  protected rank(): void {
    let first = this.away;
    let second = Number.NEGATIVE_INFINITY;
    let leading = NOWHERE;
    for (let place = 0; place < this.boards; place++) {
      const weight = this.numberOf(place, WEIGHT);
      if (weight > first) {
        second = first;
        first = weight;
        leading = place;
      } else second = Math.max(second, weight);
    }
    this.leading = leading;
    if (this.boards > 0) this.#block[this.#at + LEAD] = first - second;
  }

  #grow(): void {
    const { row, room } = this.#rows.take(this.boards + 1);
    row.block.set(this.#block.subarray(this.#at, this.#startOf(this.boards)), row.at);
    if (this.#room > 0) this.#rows.give({ block: this.#block, at: this.#at }, this.#room);
    this.#block = row.block;
    this.#at = row.at;
    this.#room = room;
  }

  #startOf(place: number): number {
    return this.#at + OF_TAG + place * OF_BOARD;
  }
}
