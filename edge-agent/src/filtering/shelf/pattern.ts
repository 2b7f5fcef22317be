/** Older rounds are forgotten, so that a pattern follows a shelf that fills up. */
const MEMORY_ROUNDS = 150;
/** Rounds from which a pattern is worth more than what is usual. */
const ENOUGH_ROUNDS = 10;
const PRIOR_ROUNDS = 4;
const PRIOR_READS = 3;
const PRIOR_SD = 6;

/** Probability of a read after a read, and after a miss: misses come in bursts. */
export interface Chances {
  readonly afterRead: number;
  readonly afterMiss: number;
}

export interface StoredPattern {
  readonly n: number;
  readonly rate: number;
  readonly rssi?: number;
  readonly sd?: number;
}

/**
 * How one board's antenna reads one tag that stays where it is. Learnt per tag, for tags differ more than places do: one on a metal can be
 * read every fifth round for years, and its usual misses are no departure.
 */
export class Pattern {
  #n = 0;
  readonly #after = { read: { n: 0, reads: 0 }, miss: { n: 0, reads: 0 } };
  readonly #prior: Chances;
  #reads = 0;
  #mean = 0;
  #variance = PRIOR_SD ** 2;

  /** `prior`: what is usual before anything is learnt. */
  constructor(prior: Chances) {
    this.#prior = prior;
  }

  static restore(prior: Chances, { n, rate, rssi, sd }: StoredPattern): Pattern {
    const pattern = new Pattern(prior);
    pattern.#n = n;
    for (const after of [pattern.#after.read, pattern.#after.miss]) {
      after.n = n / 2;
      after.reads = (n / 2) * rate;
    }
    if (rssi !== undefined) {
      pattern.#reads = Math.max(1, Math.round(n * rate));
      pattern.#mean = rssi;
      pattern.#variance = (sd ?? PRIOR_SD) ** 2;
    }
    return pattern;
  }

  get learnt(): boolean {
    return this.#n >= ENOUGH_ROUNDS;
  }

  /** Rounds learnt from. */
  get rounds(): number {
    return this.#n;
  }

  /** Share of rounds with a read. */
  get rate(): number {
    const { read, miss } = this.#after;
    const prior = (this.#prior.afterRead + this.#prior.afterMiss) / 2;
    return (read.reads + miss.reads + prior * PRIOR_ROUNDS) / (read.n + miss.n + PRIOR_ROUNDS);
  }

  get rssi(): number | undefined {
    return this.#reads === 0 ? undefined : this.#mean;
  }

  get sd(): number {
    const weight = Math.min(this.#reads, MEMORY_ROUNDS);
    return Math.sqrt((this.#variance * weight + PRIOR_SD ** 2 * PRIOR_READS) / (weight + PRIOR_READS));
  }

  chance(previous: boolean): number {
    const { n, reads } = previous ? this.#after.read : this.#after.miss;
    const prior = previous ? this.#prior.afterRead : this.#prior.afterMiss;
    return (reads + prior * PRIOR_ROUNDS) / (n + PRIOR_ROUNDS);
  }

  /** One more round, read with this RSSI or missed, after one that was read or missed. */
  learn(previous: boolean, rssi: number | undefined): void {
    this.#n = Math.min(this.#n + 1, MEMORY_ROUNDS);
    const after = previous ? this.#after.read : this.#after.miss;
    if (after.n >= MEMORY_ROUNDS / 2) {
      after.reads *= 1 - 1 / after.n;
      after.n -= 1;
    }
    after.n++;
    if (rssi === undefined) return;
    after.reads++;
    this.#reads++;
    const step = 1 / Math.min(this.#reads, MEMORY_ROUNDS / 2);
    const difference = rssi - this.#mean;
    this.#mean += difference * step;
    this.#variance = this.#reads === 1 ? PRIOR_SD ** 2 : this.#variance + (difference ** 2 - this.#variance) * step;
  }

  stored(): StoredPattern {
    const rssi = this.rssi;
    const learnt = { n: this.#n, rate: round(this.rate, 1000) };
    return rssi === undefined ? learnt : { ...learnt, rssi: round(rssi, 10), sd: round(this.sd, 10) };
  }
}

function round(value: number, by: number): number {
  return Math.round(value * by) / by;
}
