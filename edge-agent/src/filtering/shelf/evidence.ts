import type { Row } from "../rows.js";
import { lengthOfSum, StrengthSum } from "../strength.js";
import type { Board } from "./board.js";
import { ACROSS } from "./likelihood.js";
import { LENGTH_OF_PATTERN, Pattern } from "./pattern.js";
import { FIRST_READ, LAST_READ, LAST_ROUND, NOWHERE, OPEN, RSSI, WEIGHT } from "./places.js";
import type { RoundReads } from "./round-reads.js";
import type { ShelfTag } from "./shelf-tag.js";

const MAX_UNLEARNT = 300;

/** Its row begins with the numbers of its pattern; those of its sum follow. */
const SUM = LENGTH_OF_PATTERN;

/** Numbers that the evidence of a board with so many antennas takes. */
export function lengthOfEvidence(antennas: number): number {
  return SUM + lengthOfSum(antennas);
}

/** What one board has to say of one tag. The numbers by which it competes with other boards lie with those of the others, at the tag. */
export class Evidence {
  readonly tag: ShelfTag;
  readonly board: Board;
  readonly pattern: Pattern;
  readonly sum: StrengthSum;
  /** Which of the tag's places the board is; `NOWHERE`: it belongs to the tag no more. */
  place: number;
  /** What the next board has to say of the tag. */
  next: Evidence | undefined;
  /** Whether it was read in the last round. */
  previous = false;
  /** Rounds without a read since the last one. */
  misses = 0;
  /** Its reads in the round that is being looked at. */
  round: RoundReads | undefined;
  /** Misses that nothing has yet shown to be misses of a tag that is there, after a read and after a miss. */
  #afterRead = 0;
  #afterMiss = 0;

  /** Read for the first time at `now`. */
  constructor(tag: ShelfTag, board: Board, { block, at }: Row, place: number, now: number) {
    this.tag = tag;
    this.board = board;
    this.place = place;
    this.pattern = new Pattern({ block, at }, ACROSS);
    this.sum = new StrengthSum({ block, at: at + SUM }, now);
    this.firstRead = now;
    this.lastRead = now;
    this.openAt = Number.NaN;
  }

  /** The row that it was given. */
  get row(): Row {
    return this.pattern;
  }

  get dropped(): boolean {
    return this.place === NOWHERE;
  }

  /** Log of how likely the tag is here, the most likely place being 0. */
  get weight(): number {
    return this.tag.numberOf(this.place, WEIGHT);
  }

  set weight(nats: number) {
    this.tag.setNumber(this.place, WEIGHT, nats);
  }

  /** Mean of the last reads, dBm. */
  get rssi(): number {
    return this.tag.numberOf(this.place, RSSI);
  }

  set rssi(dbm: number) {
    this.tag.setNumber(this.place, RSSI, dbm);
  }

  get lastRound(): number {
    return this.tag.numberOf(this.place, LAST_ROUND);
  }

  set lastRound(at: number) {
    this.tag.setNumber(this.place, LAST_ROUND, at);
  }

  get firstRead(): number {
    return this.tag.numberOf(this.place, FIRST_READ);
  }

  set firstRead(at: number) {
    this.tag.setNumber(this.place, FIRST_READ, at);
  }

  get lastRead(): number {
    return this.tag.numberOf(this.place, LAST_READ);
  }

  set lastRead(at: number) {
    this.tag.setNumber(this.place, LAST_READ, at);
  }

  /** Since when it is open what this says, as it was counted; not a number while nothing is. */
  get openAt(): number {
    return this.tag.numberOf(this.place, OPEN);
  }

  set openAt(at: number) {
    this.tag.setNumber(this.place, OPEN, at);
  }

  /** A miss that teaches nothing yet. */
  doubtMiss(previous: boolean): void {
    if (this.#afterRead + this.#afterMiss >= MAX_UNLEARNT) return;
    if (previous) this.#afterRead++;
    else this.#afterMiss++;
  }

  /** The misses were misses of a tag that was there. */
  learnMisses(): void {
    for (; this.#afterRead > 0; this.#afterRead--) this.pattern.learnMiss(true);
    for (; this.#afterMiss > 0; this.#afterMiss--) this.pattern.learnMiss(false);
  }

  /** How unlikely these misses are of a tag that was there all the while and is read as `pattern` says, nats. */
  surpriseAt(pattern: Pattern): number {
    return (
      -this.#afterRead * Math.log(1 - pattern.chance(true)) - this.#afterMiss * Math.log(1 - pattern.chance(false))
    );
  }

  forgetMisses(): void {
    this.#afterRead = 0;
    this.#afterMiss = 0;
  }
}
