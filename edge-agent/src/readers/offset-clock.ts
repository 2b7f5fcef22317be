/**
 * Maps another machine's clock to this device's monotonic clock. The other clock may be years off or step, so only differences are
 * believed: a timestamp is never later than its arrival, so the smallest difference (arrival − timestamp) of the last two buckets is the
 * offset plus the shortest delay on the way.
 */
export class OffsetClock {
  readonly #bucketMs: number;
  #previous = Number.POSITIVE_INFINITY;
  #current = Number.POSITIVE_INFINITY;
  #bucketStart = Number.NEGATIVE_INFINITY;

  /**
   * @param bucketMs Long enough for a message that was not delayed, short enough to follow a crystal that drifts by 100 ppm within
   * milliseconds, and a clock that was set back within two of them.
   */
  constructor(bucketMs: number) {
    this.#bucketMs = bucketMs;
  }

  /** Something with the other clock's time `at` (ms) arrived at `arrival` (mono ms). */
  pair(at: number, arrival: number): void {
    const difference = arrival - at;
    if (arrival - this.#bucketStart >= this.#bucketMs) {
      this.#previous = this.#current;
      this.#current = difference;
      this.#bucketStart = arrival;
    } else if (difference < this.#current) this.#current = difference;
  }

  /** mono ms − the other clock's ms; undefined before the first pair. */
  get offset(): number | undefined {
    const offset = Math.min(this.#previous, this.#current);
    return Number.isFinite(offset) ? offset : undefined;
  }

  /** The other clock's time in mono ms, never later than `arrival`. */
  toMono(at: number, arrival: number): number {
    const { offset } = this;
    return offset === undefined ? arrival : Math.min(arrival, at + offset);
  }
}
