import type { Row } from "../rows.js";
import { lengthOfSum, StrengthSum } from "../strength.js";
import type { Board } from "./board.js";
import { ACROSS } from "./likelihood.js";
import { LENGTH_OF_PATTERN, Pattern } from "./pattern.js";
import type { RoundReads } from "./round-reads.js";
import type { ShelfTag } from "./shelf-tag.js";

const MAX_UNLEARNT = 300;

/* Its own numbers; those of its pattern and of its sum follow. */
const WEIGHT = 0;
const RSSI = 1;
const LAST_ROUND = 2;
const FIRST_READ = 3;
const LAST_READ = 4;
const OPEN = 5;
const HELD = 6;
const PATTERN = 7;
const SUM = PATTERN + LENGTH_OF_PATTERN;

/** Numbers that the evidence of a board with so many antennas takes. */
export function lengthOfEvidence(antennas: number): number {
  return SUM + lengthOfSum(antennas);
}

/** What one board has to say of one tag. */
export class Evidence implements Row {
  readonly tag: ShelfTag;
  readonly board: Board;
  readonly block: Float64Array;
  readonly at: number;
  readonly pattern: Pattern;
  readonly sum: StrengthSum;
  /** What the next board has to say of the tag. */
  next: Evidence | undefined;
  /** Whether it was read in the last round. */
  previous = false;
  /** Rounds without a read since the last one. */
  misses = 0;
  /** Its reads in the round that is being looked at. */
  round: RoundReads | undefined;
  /** It belongs to no tag any more. */
  dropped = false;
  /** Misses that nothing has yet shown to be misses of a tag that is there, after a read and after a miss. */
  #afterRead = 0;
  #afterMiss = 0;

  /** Read for the first time at `now`. */
  constructor(tag: ShelfTag, board: Board, row: Row, now: number) {
    this.tag = tag;
    this.board = board;
    const { block, at } = row;
    this.block = block;
    this.at = at;
    this.pattern = new Pattern({ block, at: at + PATTERN }, ACROSS);
    this.sum = new StrengthSum({ block, at: at + SUM }, now);
    this.firstRead = now;
    this.lastRead = now;
    this.openAt = Number.NaN;
    this.held = 0;
  }

  /** Log of how likely the tag is here, the most likely place being 0. */
  get weight(): number {
    return this.block[this.at + WEIGHT] ?? 0;
  }

  set weight(nats: number) {
    this.block[this.at + WEIGHT] = nats;
  }

  /** Mean of the last reads, dBm. */
  get rssi(): number {
    return this.block[this.at + RSSI] ?? 0;
  }

  set rssi(dbm: number) {
    this.block[this.at + RSSI] = dbm;
  }

  get lastRound(): number {
    return this.block[this.at + LAST_ROUND] ?? 0;
  }

  set lastRound(at: number) {
    this.block[this.at + LAST_ROUND] = at;
  }

  get firstRead(): number {
    return this.block[this.at + FIRST_READ] ?? 0;
  }

  set firstRead(at: number) {
    this.block[this.at + FIRST_READ] = at;
  }

  get lastRead(): number {
    return this.block[this.at + LAST_READ] ?? 0;
  }

  set lastRead(at: number) {
    this.block[this.at + LAST_READ] = at;
  }

  /** By how many nats the tag was rather here than nowhere when the board last heard anything; of a tag that is told to be here. */
  get held(): number {
    return this.block[this.at + HELD] ?? 0;
  }

  set held(nats: number) {
    this.block[this.at + HELD] = nats;
  }

  /** Since when it is open what this says, as it was counted; not a number while nothing is. */
  get openAt(): number {
    return this.block[this.at + OPEN] ?? 0;
  }

  set openAt(at: number) {
    this.block[this.at + OPEN] = at;
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

  forgetMisses(): void {
    this.#afterRead = 0;
    this.#afterMiss = 0;
  }
}
