import { LeastDifference } from "../least-difference.js";

const BUCKET_MS = 30_000;
/** Later than a report of the present can be, but for a reader whose clock was set back. */
const LATE_MS = 5_000;
/** Everything has been late for so long: it was set back. */
const LATE_FOR_MS = 10_000;
/** So many in a row from the future: it was set forward. One alone is a slip, and would date all that follows wrong. */
const EARLY_IN_A_ROW = 3;

/**
 * Maps a reader's clock to this device's monotonic clock, by the least difference of the last minute. Reader times are microseconds, NaN
 * where there is none.
 */
export class ReaderClock {
  readonly #least = new LeastDifference(BUCKET_MS);
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
      this.#least.beginAnew(this.#lateLeast, arrival);
      this.#lateSince = undefined;
      return true;
    }
    const { offset } = this.#least;
    if (offset !== undefined && difference < offset - LATE_MS && ++this.#early < EARLY_IN_A_ROW) return false;
    this.#early = 0;
    this.#least.note(difference, arrival);
    return false;
  }

  /** mono ms − reader ms; undefined before the first pair. */
  get offset(): number | undefined {
    return this.#least.offset;
  }

  /** The reader's time in mono ms, never later than `arrival`. */
  toMono(micros: number, arrival: number): number {
    // Infinity, before the first pair, gives the arrival as well.
    return Math.min(arrival, micros / 1000 + this.#least.value);
  }

  #isSetBack(difference: number, arrival: number): boolean {
    if (difference - this.#least.value < LATE_MS) {
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
