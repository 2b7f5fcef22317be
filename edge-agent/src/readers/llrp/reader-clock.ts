/** Long enough for a report that was not delayed, short enough to follow a crystal that drifts by 100 ppm within milliseconds. */
const BUCKET_MS = 30_000;

/**
 * Maps a reader's clock to this device's monotonic clock. A reader's UTC may be years off or step, so only differences are
 * believed: a timestamp is never later than its arrival, so the smallest difference (arrival − timestamp) of the last minute is the offset
 * plus the shortest delay on the way.
 */
export class ReaderClock {
  #previous = Number.POSITIVE_INFINITY;
  #current = Number.POSITIVE_INFINITY;
  #bucketStart = 0;

  /** Something with reader time `micros` arrived at `arrival` (mono ms). */
  pair(micros: bigint, arrival: number): void {
    const difference = arrival - toMs(micros);
    if (arrival - this.#bucketStart >= BUCKET_MS) {
      this.#previous = this.#current;
      this.#current = difference;
      this.#bucketStart = arrival;
    } else this.#current = Math.min(this.#current, difference);
  }

  /** mono ms − reader ms; undefined before the first pair. */
  get offset(): number | undefined {
    const offset = Math.min(this.#previous, this.#current);
    return Number.isFinite(offset) ? offset : undefined;
  }

  /** The reader's time in mono ms, never later than `arrival`. */
  toMono(micros: bigint, arrival: number): number {
    const { offset } = this;
    return offset === undefined ? arrival : Math.min(arrival, toMs(micros) + offset);
  }
}

function toMs(micros: bigint): number {
  return Number(micros) / 1000;
}
