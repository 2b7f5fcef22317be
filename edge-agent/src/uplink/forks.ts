import { delays, type RetrySchedule } from "@storeward/runtime";

/** A second fork is not believed so soon: whoever forks again and again has a cause that no new epoch mends. */
const AGAIN: RetrySchedule = { firstMs: 60_000, factor: 2, maxMs: 3_600_000, jitter: 0 };
const FORGOTTEN_MS = 24 * 3_600_000;

/** Whether the cloud has another life of the epoch, and when a new epoch may be begun for it. All moments are mono ms. */
export class Forks {
  readonly #delays = delays(AGAIN);
  #isOpen = false;
  #lastAt: number | undefined;
  #againAt = 0;

  /** Nothing is sent before there is a new epoch. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  get againAt(): number {
    return this.#againAt;
  }

  /** The cloud has another life of the epoch. True when a new epoch is to be begun now. */
  found(now: number): boolean {
    this.#isOpen = true;
    if (now < this.#againAt) return false;
    if (this.#lastAt !== undefined && now - this.#lastAt > FORGOTTEN_MS) this.#delays.reset();
    this.#lastAt = now;
    this.#againAt = now + this.#delays();
    return true;
  }

  /** One that could not be mended at once is to be looked at again. */
  isDue(now: number): boolean {
    return this.#isOpen && now >= this.#againAt;
  }

  over(): void {
    this.#isOpen = false;
  }
}
