import { OffsetClock } from "../offset-clock.js";

const BUCKET_MS = 30_000;

/** A reader's clock in microseconds, as LLRP has it (LLRP 1.1 §14.2.3), mapped to this device's monotonic clock. */
export class ReaderClock {
  readonly #clock = new OffsetClock(BUCKET_MS);

  /** Something with reader time `micros` arrived at `arrival` (mono ms). */
  pair(micros: bigint, arrival: number): void {
    this.#clock.pair(toMs(micros), arrival);
  }

  /** mono ms − reader ms; undefined before the first pair. */
  get offset(): number | undefined {
    return this.#clock.offset;
  }

  /** The reader's time in mono ms, never later than `arrival`. */
  toMono(micros: bigint, arrival: number): number {
    return this.#clock.toMono(toMs(micros), arrival);
  }
}

function toMs(micros: bigint): number {
  return Number(micros) / 1000;
}
