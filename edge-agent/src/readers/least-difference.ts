/**
 * Between another machine's clock and this device's monotonic clock: the least difference (arrival − timestamp, ms) of the last two buckets
 * of time. The other clock may be years off or step, so only differences are believed: a timestamp is never later than its arrival, so the
 * least one is the offset of the clocks plus the shortest delay on the way.
 */
export class LeastDifference {
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

  /** Infinity before the first. */
  get value(): number {
    return Math.min(this.#previous, this.#current);
  }

  /** As `value`; undefined before the first. */
  get offset(): number | undefined {
    const { value } = this;
    return value < Number.POSITIVE_INFINITY ? value : undefined;
  }

  note(difference: number, arrival: number): void {
    if (arrival - this.#bucketStart >= this.#bucketMs) {
      this.#previous = this.#current;
      this.#current = difference;
      this.#bucketStart = arrival;
    } else if (difference < this.#current) this.#current = difference;
  }

  /** What was before is not believed any more. */
  beginAnew(difference: number, arrival: number): void {
    this.#previous = Number.POSITIVE_INFINITY;
    this.#current = difference;
    this.#bucketStart = arrival;
  }
}
