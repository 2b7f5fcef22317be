import { type Clock, sleepOn, type Timer } from "./clock.js";

interface Pending {
  due: number;
  /** Timers that are due together fire in the order in which they were set. */
  readonly order: number;
  readonly period: number | undefined;
  readonly fn: () => void;
}

/** A clock that stands still until a test moves it. */
export class ManualClock implements Clock {
  #mono: number;
  #wallOffset: number;
  #order = 0;
  readonly #timers = new Set<Pending>();

  /** @param start wall: ms since 1970 (default 2026-01-01T00:00:00Z); mono: ms (default 0) */
  constructor(start: { readonly wall?: number; readonly mono?: number } = {}) {
    this.#mono = start.mono ?? 0;
    this.#wallOffset = (start.wall ?? Date.UTC(2026, 0, 1)) - this.#mono;
  }

  wall(): number {
    return this.#mono + this.#wallOffset;
  }

  mono(): number {
    return this.#mono;
  }

  after(ms: number, fn: () => void): Timer {
    return this.#set(Math.max(0, ms), undefined, fn);
  }

  every(ms: number, fn: () => void): Timer {
    const period = Math.max(1, ms);
    return this.#set(period, period, fn);
  }

  sleep(ms: number, signal?: AbortSignal | undefined): Promise<void> {
    return sleepOn(this, ms, signal);
  }

  /** How many timers are set: 0 after a stop shows that every timer had an owner. */
  get pending(): number {
    return this.#timers.size;
  }

  /** Moves both clocks by `ms`, firing what becomes due in order; promises settle before, between and after. */
  async advance(ms: number): Promise<void> {
    const target = this.#mono + ms;
    await settle();
    for (let next = this.#next(target); next !== undefined; next = this.#next(target)) {
      this.#mono = Math.max(this.#mono, next.due);
      if (next.period === undefined) this.#timers.delete(next);
      else next.due += next.period;
      next.fn();
      await settle();
    }
    this.#mono = Math.max(this.#mono, target);
    await settle();
  }

  /** Moves only the wall clock, as a time server or a person does; timers do not notice. */
  stepWall(ms: number): void {
    this.#wallOffset += ms;
  }

  #set(delay: number, period: number | undefined, fn: () => void): Timer {
    const timer: Pending = { due: this.#mono + delay, order: this.#order++, period, fn };
    this.#timers.add(timer);
    return { stop: () => void this.#timers.delete(timer) };
  }

  #next(target: number): Pending | undefined {
    let first: Pending | undefined;
    for (const timer of this.#timers) {
      if (timer.due > target) continue;
      if (first === undefined || timer.due < first.due || (timer.due === first.due && timer.order < first.order))
        first = timer;
    }
    return first;
  }
}

/** One turn of the event loop: every promise that can settle without outside help has. */
function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
