import { type Row, rowOf } from "../rows.js";

/** Older rounds are forgotten, so that a pattern follows a shelf that fills up. */
const MEMORY_ROUNDS = 150;
/** Rounds from which a pattern is worth more than what is usual. */
const ENOUGH_ROUNDS = 10;
const PRIOR_ROUNDS = 4;
const PRIOR_READS = 3;
const PRIOR_SD = 6;

/* The numbers of a pattern. */
const ROUNDS = 0;
/** Of the rounds after one with a read, and after a miss: rounds, then reads. */
const AFTER_READ = 1;
const AFTER_MISS = 3;
const READS = 5;
const MEAN = 6;
const VARIANCE = 7;
/** How many numbers a pattern takes. */
export const LENGTH_OF_PATTERN = 8;

/** Probability of a read after a read, and after a miss: misses come in bursts. */
export interface Chances {
  readonly afterRead: number;
  readonly afterMiss: number;
}

export interface StoredPattern {
  readonly n: number;
  readonly rate: number;
  readonly rssi?: number | undefined;
  readonly sd?: number | undefined;
}

/**
 * How one board's antenna reads one tag that stays where it is. Learnt per tag, for tags differ more than places do: one on a metal can be
 * read every fifth round for years, and its usual misses are no departure.
 */
export class Pattern implements Row {
  readonly block: Float64Array;
  readonly at: number;
  #prior: Chances;

  /** `prior`: what is usual before anything is learnt. */
  constructor({ block, at }: Row, prior: Chances) {
    this.block = block;
    this.at = at;
    this.#prior = prior;
    this.forget(prior);
  }

  /** Nothing is learnt. */
  forget(prior: Chances): void {
    this.#prior = prior;
    this.block.fill(0, this.at, this.at + LENGTH_OF_PATTERN);
    this.#set(VARIANCE, PRIOR_SD ** 2);
  }

  restore(prior: Chances, { n, rate, rssi, sd }: StoredPattern): void {
    this.forget(prior);
    this.#set(ROUNDS, n);
    for (const after of [AFTER_READ, AFTER_MISS]) {
      this.#set(after, n / 2);
      this.#set(after + 1, (n / 2) * rate);
    }
    if (rssi === undefined) return;
    this.#set(READS, Math.max(1, Math.round(n * rate)));
    this.#set(MEAN, rssi);
    this.#set(VARIANCE, (sd ?? PRIOR_SD) ** 2);
  }

  /** So many rounds, all of them misses. */
  restoreMisses(prior: Chances, rounds: number): void {
    this.forget(prior);
    this.#set(ROUNDS, rounds);
    this.#set(AFTER_READ, rounds / 2);
    this.#set(AFTER_MISS, rounds / 2);
  }

  take(other: Pattern): void {
    this.#prior = other.#prior;
    for (let field = 0; field < LENGTH_OF_PATTERN; field++) this.#set(field, other.#get(field));
  }

  /** The same, on its own. */
  copy(): Pattern {
    const copy = new Pattern(rowOf(LENGTH_OF_PATTERN), this.#prior);
    copy.take(this);
    return copy;
  }

  get learnt(): boolean {
    return this.#get(ROUNDS) >= ENOUGH_ROUNDS;
  }

  /** Rounds learnt from. */
  get rounds(): number {
    return this.#get(ROUNDS);
  }

  /** Share of rounds with a read. */
  get rate(): number {
    const prior = (this.#prior.afterRead + this.#prior.afterMiss) / 2;
    const reads = this.#get(AFTER_READ + 1) + this.#get(AFTER_MISS + 1);
    return (reads + prior * PRIOR_ROUNDS) / (this.#get(AFTER_READ) + this.#get(AFTER_MISS) + PRIOR_ROUNDS);
  }

  get rssi(): number | undefined {
    return this.#get(READS) === 0 ? undefined : this.#get(MEAN);
  }

  get sd(): number {
    const weight = Math.min(this.#get(READS), MEMORY_ROUNDS);
    return Math.sqrt((this.#get(VARIANCE) * weight + PRIOR_SD ** 2 * PRIOR_READS) / (weight + PRIOR_READS));
  }

  chance(previous: boolean): number {
    const after = previous ? AFTER_READ : AFTER_MISS;
    const prior = previous ? this.#prior.afterRead : this.#prior.afterMiss;
    return (this.#get(after + 1) + prior * PRIOR_ROUNDS) / (this.#get(after) + PRIOR_ROUNDS);
  }

  /** One more round without a read, after one that was read or missed. */
  learnMiss(previous: boolean): void {
    this.#countRound(previous ? AFTER_READ : AFTER_MISS);
  }

  /** One more round with reads of this RSSI, after one that was read or missed. */
  learnRead(previous: boolean, rssi: number): void {
    const after = previous ? AFTER_READ : AFTER_MISS;
    this.#countRound(after);
    this.#set(after + 1, this.#get(after + 1) + 1);
    const reads = this.#get(READS) + 1;
    this.#set(READS, reads);
    const step = 1 / Math.min(reads, MEMORY_ROUNDS / 2);
    const difference = rssi - this.#get(MEAN);
    this.#set(MEAN, this.#get(MEAN) + difference * step);
    const variance = this.#get(VARIANCE);
    this.#set(VARIANCE, reads === 1 ? PRIOR_SD ** 2 : variance + (difference ** 2 - variance) * step);
  }

  stored(): StoredPattern {
    const rssi = this.rssi;
    const learnt = { n: this.rounds, rate: round(this.rate, 1000) };
    return rssi === undefined ? learnt : { ...learnt, rssi: round(rssi, 10), sd: round(this.sd, 10) };
  }

  #countRound(after: number): void {
    this.#set(ROUNDS, Math.min(this.#get(ROUNDS) + 1, MEMORY_ROUNDS));
    let n = this.#get(after);
    if (n >= MEMORY_ROUNDS / 2) {
      this.#set(after + 1, this.#get(after + 1) * (1 - 1 / n));
      n -= 1;
    }
    this.#set(after, n + 1);
  }

  #get(field: number): number {
    return this.block[this.at + field] ?? 0;
  }

  #set(field: number, value: number): void {
    this.block[this.at + field] = value;
  }
}

function round(value: number, by: number): number {
  return Math.round(value * by) / by;
}
