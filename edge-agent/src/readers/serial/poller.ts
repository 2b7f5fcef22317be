import type { Clock } from "@storeward/runtime";

export interface PollerOptions {
  readonly clock: Clock;
  /** Between the end of one poll and the next, ms. */
  readonly pauseMs: number;
  readonly poll: () => Promise<void>;
  /** A poll failed: nothing more is asked. */
  readonly fail: (error: unknown) => void;
}

/** Asks a reader again and again, never twice at once. */
export class Poller {
  readonly #options: PollerOptions;
  readonly #stopped = new AbortController();

  constructor(options: PollerOptions) {
    this.#options = options;
  }

  start(): void {
    void this.#run().catch((error: unknown) => {
      if (!this.#stopped.signal.aborted) this.#options.fail(error);
    });
  }

  stop(): void {
    this.#stopped.abort();
  }

  async #run(): Promise<void> {
    const { clock, pauseMs, poll } = this.#options;
    const { signal } = this.#stopped;
    while (!signal.aborted) {
      await poll();
      if (pauseMs > 0) await clock.sleep(pauseMs, signal);
    }
  }
}
