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
 * Keeps those who read the same log near each other, for what one reads is remembered for the others: who is ahead waits, and who is behind goes on
 * where others have been before it. Who stands still, for whatever reason, is not waited for.
 */
export class Abreast {
  readonly #clock: Clock;
  readonly #most: number;
  /** Of each reader the partitions in which others went on and it has not since, in their order. */
  readonly #readers = new Map<Reader, Set<number>>();

  /** @param most rows that one may be ahead of another */
  constructor({ clock, most }: { readonly clock: Clock; readonly most: number }) {
    this.#clock = clock;
    this.#most = most;
  }

  add(reader: Reader): void {
    this.#readers.set(reader, new Set());
  }

  /** Partitions in which it does well to go on next: others have read there, and it has not since. */
  readByOthers(reader: Reader): ReadonlySet<number> {
    return this.#readers.get(reader) ?? new Set();
  }

  /** It goes on in these partitions. */
  goesOn(reader: Reader, partitions: readonly number[]): void {
    const behind = this.#readers.get(reader);
    const led = partitions.filter((partition) => behind?.delete(partition) !== true);
    for (const [other, first] of this.#readers)
      if (other !== reader && other.log === reader.log) for (const partition of led) first.add(partition);
  }

  /** Whether another, which goes on, is so far behind that this one is to wait for it. */
  isAhead(reader: Reader): boolean {
    const limit = reader.waiting() + this.#most;
    const since = this.#clock.mono() - STANDS_MS;
    return [...this.#readers.keys()].some(
      (other) => other.log === reader.log && other.waiting() > limit && other.handledAt() > since,
    );
  }
}
