import type { Counters } from "./counters.js";
import { LeastDifference } from "./least-difference.js";

/** A clock that was set back is followed within two of these. */
const BUCKET_MS = 5_000;
/** A stream that is alive is never this far behind: it is watched for silence in less. */
const MAX_AGE_MS = 5_000;
/** What a reader kept from before the stream was opened comes at once. */
const REPLAY_MS = 5_000;

/**
 * Dates what comes over a stream that is prompt by nature, by a reader's clock that may be wrong or be set at any time. What is older
 * than a stream can be is either kept from before, soon after the beginning, or the work of a clock that was set back.
 */
export class StreamClock {
  readonly #least = new LeastDifference(BUCKET_MS);
  readonly #startedAt: number;
  readonly #counters: Counters;

  constructor(startedAt: number, counters: Counters) {
    this.#startedAt = startedAt;
    this.#counters = counters;
  }

  /** The reader said at `arrival` (mono ms) that it was `at` (ms); NaN where it did not say. */
  pair(at: number, arrival: number): void {
    if (!Number.isNaN(at)) this.#least.note(arrival - at, arrival);
  }

  /** When something was that the reader dates `at`, mono ms, never later than `arrival`; undefined where it is from before the stream. */
  date(at: number, arrival: number): number | undefined {
    if (Number.isNaN(at)) return arrival;
    // Infinity, before the first pair, gives the arrival.
    const mono = Math.min(arrival, at + this.#least.value);
    if (arrival - mono <= MAX_AGE_MS) return mono;
    if (arrival - this.#startedAt <= REPLAY_MS) {
      this.#counters.add("staleReads");
      return undefined;
    }
    this.#counters.add("clockSteps");
    return arrival;
  }
}
