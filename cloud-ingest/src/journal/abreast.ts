import type { Clock } from "@storeward/runtime";

/** Whoever has handled nothing for so long stands still. */
const STANDS_MS = 5_000;

/** A follower as the others see it. */
export interface Reader {
  /** The name of the log that it reads. */
  readonly log: string;
  /** Rows before it, of those that this process hands it. */
  waiting(): number;
  /** When it has last handled any, by the clock's `mono`; -∞: never. */
  handledAt(): number;
}

/**
 * Keeps those who read the same log near each other: what one reads is remembered for the others. Who stands still, for whatever reason, is not
 * waited for.
 */
export class Abreast {
  readonly #clock: Clock;
  readonly #most: number;
  readonly #readers: Reader[] = [];

  /** @param most rows that one may be ahead of another */
  constructor({ clock, most }: { readonly clock: Clock; readonly most: number }) {
    this.#clock = clock;
    this.#most = most;
  }

  add(reader: Reader): void {
    this.#readers.push(reader);
  }

  /** Whether another, which goes on, is so far behind that this one is to wait for it. */
  isAhead(reader: Reader): boolean {
    const limit = reader.waiting() + this.#most;
    const since = this.#clock.mono() - STANDS_MS;
    return this.#readers.some(
      (other) => other.log === reader.log && other.waiting() > limit && other.handledAt() > since,
    );
  }
}
