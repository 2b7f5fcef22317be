import type { Clock, Timer } from "@storeward/runtime";

interface Pending {
  readonly due: number;
  readonly order: number;
  readonly fn: () => void;
}

/** A clock for models: fires timers one after the other without ever giving the event loop a turn. */
export class SteppedClock implements Clock {
  #now = 1_000;
  #order = 0;
  readonly #timers = new Set<Pending>();

  wall(): number {
    return Date.UTC(2026, 0, 1) + this.#now;
  }

  mono(): number {
    return this.#now;
  }

  after(ms: number, fn: () => void): Timer {
    const timer = { due: this.#now + Math.max(0, ms), order: this.#order++, fn };
    this.#timers.add(timer);
    return { stop: () => void this.#timers.delete(timer) };
  }

  every(ms: number, fn: () => void): Timer {
    let timer: Timer;
    const again = () => {
      timer = this.after(ms, again);
      fn();
    };
    timer = this.after(ms, again);
    return { stop: () => timer.stop() };
  }

  sleep(): Promise<void> {
    throw new RangeError("a model does not sleep");
  }

  /** Runs everything that is due within `ms`, or until `done`. */
  run(ms: number, done: () => boolean = () => false): void {
    const end = this.#now + ms;
    while (!done()) {
      let next: Pending | undefined;
      for (const timer of this.#timers)
        if (next === undefined || timer.due < next.due || (timer.due === next.due && timer.order < next.order))
          next = timer;
      if (next === undefined || next.due > end) {
        this.#now = end;
        return;
      }
      this.#timers.delete(next);
      this.#now = Math.max(this.#now, next.due);
      next.fn();
    }
  }
}
