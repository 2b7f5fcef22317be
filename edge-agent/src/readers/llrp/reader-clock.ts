/** Long enough for a report that was not delayed, short enough to follow a crystal that drifts by 100 ppm within milliseconds. */
const BUCKET_MS = 30_000;
/** Later than a report of the present can be, but for a reader whose clock was set back. */
const LATE_MS = 5_000;
/** Everything has been late for so long: it was set back. */
const LATE_FOR_MS = 10_000;
/** So many in a row from the future: it was set forward. One alone is a slip, and would date all that follows wrong. */
const EARLY_IN_A_ROW = 3;

/**
 * Maps a reader's clock to this device's monotonic clock. A reader's UTC may be years off or step, so only differences are
 * believed: a timestamp is never later than its arrival, so the smallest difference (arrival − timestamp) of the last minute is the offset
 * plus the shortest delay on the way. Reader times are microseconds, NaN where there is none.
 */
export class ReaderClock {
  #previous = Number.POSITIVE_INFINITY;
  #current = Number.POSITIVE_INFINITY;
  #bucketStart = 0;
  #early = 0;
  /** Since when everything has been late (mono ms), and the least difference since. */
  #lateSince: number | undefined;
  #lateLeast = Number.POSITIVE_INFINITY;

  /**
   * Something with reader time `micros` arrived at `arrival` (mono ms); `live`: it tells of the present, not of what was held. True when
   * that shows that the reader's clock was set back, which begins the mapping anew.
   */
  pair(micros: number, arrival: number, live: boolean): boolean {
    const difference = arrival - micros / 1000;
    if (live && this.#isSetBack(difference, arrival)) {
      this.#previous = Number.POSITIVE_INFINITY;
      this.#current = this.#lateLeast;
      this.#bucketStart = arrival;
      this.#lateSince = undefined;
      return true;
    }
    if (difference < Math.min(this.#previous, this.#current) - LATE_MS && this.#known && ++this.#early < EARLY_IN_A_ROW)
      return false;
    this.#early = 0;
    if (arrival - this.#bucketStart >= BUCKET_MS) {
      this.#previous = this.#current;
      this.#current = difference;
      this.#bucketStart = arrival;
    } else if (difference < this.#current) this.#current = difference;
    return false;
  }

  get #known(): boolean {
    return this.#previous < Number.POSITIVE_INFINITY || this.#current < Number.POSITIVE_INFINITY;
  }

  /** mono ms − reader ms; undefined before the first pair. */
  get offset(): number | undefined {
    const offset = Math.min(this.#previous, this.#current);
    return offset < Number.POSITIVE_INFINITY ? offset : undefined;
  }

  /** The reader's time in mono ms, never later than `arrival`. */
  toMono(micros: number, arrival: number): number {
    const offset = Math.min(this.#previous, this.#current);
    // Infinity, before the first pair, gives the arrival as well.
    return Math.min(arrival, micros / 1000 + offset);
  }

  #isSetBack(difference: number, arrival: number): boolean {
    if (difference - Math.min(this.#previous, this.#current) < LATE_MS) {
      this.#lateSince = undefined;
      return false;
    }
    if (this.#lateSince === undefined) {
      this.#lateSince = arrival;
      this.#lateLeast = difference;
      return false;
    }
    this.#lateLeast = Math.min(this.#lateLeast, difference);
    return arrival - this.#lateSince >= LATE_FOR_MS;
  }
}
