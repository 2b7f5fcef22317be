import { type Clock, sleepOn, systemClock, type Timer } from "@storeward/runtime";

interface Pending {
  due: number;
  readonly period: number | undefined;
  readonly fn: () => void;
  real: Timer;
}

/** The machine's clock, of which a test can skip a part: real sockets go on, and long silences need no waiting. */
export class SkippingClock implements Clock {
  #skipped = 0;
  readonly #timers = new Set<Pending>();

  wall(): number {
    return systemClock.wall() + this.#skipped;
  }

  mono(): number {
    return systemClock.mono() + this.#skipped;
  }

  after(ms: number, fn: () => void): Timer {
    return this.#set(Math.max(0, ms), undefined, fn);
  }

  every(ms: number, fn: () => void): Timer {
    return this.#set(Math.max(1, ms), Math.max(1, ms), fn);
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return sleepOn(this, ms, signal);
  }

  /** How many timers are set: none after a stop shows that each had an owner. */
  get pending(): number {
    return this.#timers.size;
  }

  /** Time moves on by `ms` at once; what becomes due fires soon, in order. */
  skip(ms: number): void {
    this.#skipped += ms;
    for (const timer of [...this.#timers].sort((a, b) => a.due - b.due)) {
      timer.real.stop();
      this.#arm(timer);
    }
  }

  #set(ms: number, period: number | undefined, fn: () => void): Timer {
    const timer: Pending = { due: this.mono() + ms, period, fn, real: { stop: () => undefined } };
    this.#timers.add(timer);
    this.#arm(timer);
    return {
      stop: () => {
        timer.real.stop();
        this.#timers.delete(timer);
      },
    };
  }

  #arm(timer: Pending): void {
    timer.real = systemClock.after(Math.max(0, timer.due - this.mono()), () => {
      if (timer.period === undefined) this.#timers.delete(timer);
      else {
        timer.due = Math.max(timer.due + timer.period, this.mono());
        this.#arm(timer);
      }
      timer.fn();
    });
  }
}
