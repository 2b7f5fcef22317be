import { type Clock, systemClock } from "./clock.js";
import { defineErrors } from "./errors.js";

const E = defineErrors({
  STOP_HUNG: { template: "{part} did not stop within {ms} ms", status: 500, retryable: false },
  STOP_FAILED: { template: "{name} did not stop cleanly: {parts}", status: 500, retryable: false },
  START_INTERRUPTED: { template: "{name} was stopped while it was starting", status: 503, retryable: false },
});

/**
 * A part of a process: built without effects, then started, then stopped. When `start()` fails the part has cleaned up
 * after itself: `stop()` is called only on what has started.
 */
export interface Part {
  readonly name: string;
  start(): Promise<void>;
  stop(): Promise<void>;
}

export interface LifecycleOptions {
  readonly clock?: Clock | undefined;
  /** How long one part may take to stop, ms; default 10,000. */
  readonly stopLimitMs?: number | undefined;
}

/** Parts that start in the order in which they were added and stop in reverse. Is itself a part. */
export class Lifecycle implements Part {
  readonly name: string;
  readonly #clock: Clock;
  readonly #stopLimitMs: number;
  readonly #parts: Part[] = [];
  readonly #started: Part[] = [];
  #starting: Promise<void> | undefined;
  #current: Part | undefined;
  #stopping: Promise<void> | undefined;

  constructor(name: string, options: LifecycleOptions = {}) {
    this.name = name;
    this.#clock = options.clock ?? systemClock;
    this.#stopLimitMs = options.stopLimitMs ?? 10_000;
  }

  /** Adds a part, before the start, and returns it. */
  add<P extends Part>(part: P): P {
    if (this.#starting !== undefined) throw new Error(`${part.name} was added to ${this.name} after its start`);
    this.#parts.push(part);
    return part;
  }

  /** Starts every part in order. When one fails, those before it are stopped in reverse and its error is thrown. */
  start(): Promise<void> {
    this.#starting ??= this.#startAll();
    return this.#starting;
  }

  /**
   * Stops every started part in reverse, each within its limit; one that hangs or fails does not keep the others from
   * stopping. Then throws STOP_FAILED, which names them. Called again, returns the same promise.
   */
  stop(): Promise<void> {
    this.#stopping ??= this.#stopAfterStart();
    return this.#stopping;
  }

  async #startAll(): Promise<void> {
    try {
      for (const part of this.#parts) {
        if (this.#stopping !== undefined) throw E.START_INTERRUPTED({ name: this.name });
        this.#current = part;
        await part.start();
        this.#started.push(part);
        this.#current = undefined;
      }
    } catch (error) {
      this.#current = undefined;
      // The reason of the start's failure matters more than that of a stop after it.
      if (this.#stopping === undefined) await this.#stopStarted().catch(() => undefined);
      throw error;
    }
  }

  async #stopAfterStart(): Promise<void> {
    if (this.#starting !== undefined) {
      const settled = this.#starting.then(undefined, () => undefined);
      await this.#within(settled);
      // A start that still hangs is stopped all the same: it may hold a socket or a child.
      if (this.#current !== undefined) this.#started.push(this.#current);
    }
    await this.#stopStarted();
  }

  async #stopStarted(): Promise<void> {
    const failures: { part: string; error: unknown }[] = [];
    for (let part = this.#started.pop(); part !== undefined; part = this.#started.pop()) {
      try {
        if ((await this.#within(part.stop())) === "late") throw E.STOP_HUNG({ part: part.name, ms: this.#stopLimitMs });
      } catch (error) {
        failures.push({ part: part.name, error });
      }
    }
    if (failures.length === 0) return;
    const errors = failures.map((failure) => failure.error);
    const parts = failures.map((failure) => failure.part).join(", ");
    throw E.STOP_FAILED({ name: this.name, parts }, { cause: new AggregateError(errors) });
  }

  /** Waits for `work`, at most as long as a part may take to stop; rejects when it does. */
  #within(work: Promise<void>): Promise<"done" | "late"> {
    return new Promise((resolve, reject) => {
      const limit = this.#clock.after(this.#stopLimitMs, () => resolve("late"));
      work.then(() => resolve("done"), reject).finally(() => limit.stop());
    });
  }
}
