interface Timed {
  readonly at: number;
}

/** Lines that are held back to be put in order. */
const MAX_HELD = 100_000;

/** A line so far ahead of the one before it stands alone until another one agrees, ms: its clock may have been wrong. */
const LEAP_MS = 86_400_000;

/**
 * Puts what is out of order by less than `ms` in order, with bounded memory. What cannot be put in order is given to `onBad`, with the
 * reason: what comes later than that, and a single line whose time is days ahead of those around it.
 */
export class InOrder<T extends Timed> {
  readonly #ms: number;
  readonly #onBad: (item: T, why: string) => void;
  /** In order; equals as they came. */
  #held: T[] = [];
  /** The one that leapt ahead. */
  #leapt: T | undefined;
  #newest = Number.NEGATIVE_INFINITY;
  #given = Number.NEGATIVE_INFINITY;

  constructor(ms: number, onBad: (item: T, why: string) => void) {
    this.#ms = ms;
    this.#onBad = onBad;
  }

  push(items: readonly T[]): T[] {
    for (const item of items) this.#take(item);
    const due = this.#held.findIndex(({ at }) => at > this.#newest - this.#ms);
    return this.#give(Math.max(due === -1 ? this.#held.length : due, this.#held.length - MAX_HELD));
  }

  end(): T[] {
    if (this.#leapt !== undefined) this.#hold(this.#leapt);
    this.#leapt = undefined;
    return this.#give(this.#held.length);
  }

  #take(item: T): void {
    const leapt = this.#leapt;
    this.#leapt = undefined;
    if (leapt !== undefined) {
      if (item.at < leapt.at - LEAP_MS) this.#onBad(leapt, "is more than a day ahead of the lines around it");
      else this.#hold(leapt);
    }
    if (item.at > this.#newest + LEAP_MS) this.#leapt = item;
    else if (item.at < Math.max(this.#newest - this.#ms, this.#given))
      this.#onBad(item, `comes more than ${this.#ms / 1000} s late`);
    else this.#hold(item);
  }

  #hold(item: T): void {
    this.#newest = Math.max(this.#newest, item.at);
    let index = this.#held.length;
    while (index > 0 && (this.#held[index - 1]?.at ?? 0) > item.at) index--;
    if (index === this.#held.length) this.#held.push(item);
    else this.#held.splice(index, 0, item);
  }

  #give(count: number): T[] {
    const given = this.#held.splice(0, count);
    this.#given = given.at(-1)?.at ?? this.#given;
    return given;
  }
}

/** Several sequences in order as one; the first of them first where times are equal. */
export async function* merged<T extends Timed>(sequences: readonly AsyncGenerator<T[]>[]): AsyncGenerator<T> {
  const heads = sequences.map((sequence) => ({ sequence, items: [] as T[], next: 0 }));
  for (;;) {
    let first: (typeof heads)[number] | undefined;
    for (const head of heads) {
      while (head.next >= head.items.length) {
        const { value, done } = await head.sequence.next();
        if (done) break;
        Object.assign(head, { items: value, next: 0 });
      }
      const at = head.items[head.next]?.at;
      if (at !== undefined && at < (first?.items[first.next]?.at ?? Number.POSITIVE_INFINITY)) first = head;
    }
    const item = first?.items[first.next];
    if (first === undefined || item === undefined) return;
    first.next++;
    yield item;
  }
}
