/** What waits for a time: `turn` is the turn of the wheel that it waits for, and only the wheel writes it. */
export interface Waiting {
  turn: number;
}

/** The turn of what waits for nothing. */
export const NEVER = -1;

/**
 * Brings up what time alone decides when its time has come, without looking at what still waits. It may do so up to one turn too early:
 * whoever is brought up looks at the time, and is added again.
 */
export class Wheel<T extends Waiting> {
  readonly #turnMs: number;
  #slots: T[][];
  /** The turn under way: what waits for it is brought up with every call. */
  #turn = 0;

  /** What is due more than `turns` from now is brought up before it is due. */
  constructor(turnMs: number, turns: number) {
    this.#turnMs = turnMs;
    this.#slots = Array.from({ length: turns }, () => []);
  }

  /** Brings `item` up at `at`, or before; what already waits for an earlier time goes on waiting for that. */
  add(item: T, at: number): void {
    const last = this.#turn + this.#slots.length - 1;
    const turn = Math.max(this.#turn, Math.min(last, Math.floor(at / this.#turnMs)));
    if (item.turn >= this.#turn && item.turn <= turn) return;
    item.turn = turn;
    this.#slots[turn % this.#slots.length]?.push(item);
  }

  /** Calls `due` for whatever waits for a time up to `now`. */
  advance(now: number, due: (item: T) => void): void {
    const to = Math.floor(now / this.#turnMs);
    if (to - this.#turn >= this.#slots.length) this.#jump(to, due);
    while (this.#turn < to) this.#bringUp(this.#turn, this.#turn + 1, due);
    if (this.#turn === to) this.#bringUp(to, to, due);
  }

  /** From here on it is the turn `next`, also for what is added again meanwhile. */
  #bringUp(turn: number, next: number, due: (item: T) => void): void {
    const slot = turn % this.#slots.length;
    const items = this.#slots[slot];
    this.#turn = next;
    if (items === undefined || items.length === 0) return;
    this.#slots[slot] = [];
    for (const item of items) {
      // It has been asked for at an earlier time since.
      if (item.turn !== turn) continue;
      item.turn = NEVER;
      due(item);
    }
  }

  /** Everything that waits is due. */
  #jump(to: number, due: (item: T) => void): void {
    const all = this.#slots;
    this.#slots = all.map(() => []);
    this.#turn = to;
    for (const items of all)
      for (const item of items) {
        if (item.turn === NEVER || item.turn >= to) continue;
        item.turn = NEVER;
        due(item);
      }
  }
}
