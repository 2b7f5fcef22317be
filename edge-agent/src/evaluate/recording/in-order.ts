interface Timed {
  readonly at: number;
}

/** Lines that are held back to be put in order. */
const MAX_HELD = 100_000;

/** Puts what is out of order by less than `ms` in order, with bounded memory. What comes later than that is given to `onLate`. */
export class InOrder<T extends Timed> {
  readonly #ms: number;
  readonly #onLate: (late: T) => void;
  /** In order; equals as they came. */
  #held: T[] = [];
  #newest = Number.NEGATIVE_INFINITY;
  #given = Number.NEGATIVE_INFINITY;

  constructor(ms: number, onLate: (late: T) => void) {
    this.#ms = ms;
    this.#onLate = onLate;
  }

  push(items: readonly T[]): T[] {
    for (const item of items) {
      if (item.at < this.#given) {
        this.#onLate(item);
        continue;
      }
      this.#newest = Math.max(this.#newest, item.at);
      let index = this.#held.length;
      while (index > 0 && (this.#held[index - 1]?.at ?? 0) > item.at) index--;
      if (index === this.#held.length) this.#held.push(item);
      else this.#held.splice(index, 0, item);
    }
    const due = this.#held.findIndex(({ at }) => at > this.#newest - this.#ms);
    return this.#give(Math.max(due === -1 ? this.#held.length : due, this.#held.length - MAX_HELD));
  }

  end(): T[] {
    return this.#give(this.#held.length);
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
