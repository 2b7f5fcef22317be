import { type Clock, delays, describeError, type Logger, RECONNECT, type RetrySchedule } from "@storeward/runtime";

export interface LinkOptions {
  readonly clock: Clock;
  readonly log: Logger;
  readonly schedule?: RetrySchedule;
  /**
   * One connection from its beginning to its end. Calls `up` once it works. Always rejects, with what ended it; after `signal` aborts it
   * ends as soon as it can.
   */
  readonly run: (signal: AbortSignal, up: () => void) => Promise<never>;
  readonly onDown: (error: unknown) => void;
}

/** A connection that worked for so long was a good one: the waiting begins anew after it. */
const GOOD_MS = 10_000;

/** Keeps one connection alive for ever: runs it, and after its end waits by the schedule and runs it again. */
export class Link {
  readonly #options: LinkOptions;
  #abort = new AbortController();
  #running: Promise<void> | undefined;

  constructor(options: LinkOptions) {
    this.#options = options;
  }

  start(): void {
    if (this.#running !== undefined) return;
    this.#abort = new AbortController();
    this.#running = this.#loop(this.#abort.signal);
  }

  /** Resolves when the connection is gone and nothing waits any more. */
  async stop(): Promise<void> {
    this.#abort.abort();
    await this.#running;
    this.#running = undefined;
  }

  async #loop(signal: AbortSignal): Promise<void> {
    const { clock, log, run, onDown, schedule = RECONNECT } = this.#options;
    const next = delays(schedule);
    let lastWords = "";
    while (!signal.aborted) {
      let upSince: number | undefined;
      try {
        await run(signal, () => {
          upSince = clock.mono();
        });
      } catch (error) {
        if (signal.aborted) return;
        // One that breaks as soon as it works is no better than one that does not: it is not hammered.
        if (upSince !== undefined && clock.mono() - upSince >= GOOD_MS) {
          next.reset();
          lastWords = "";
        }
        onDown(error);
        // The same trouble again and again is one line, not a flood: the state stays visible in the reader's health.
        const words = describeError(error);
        if (words === lastWords) log.debug({ err: error }, "still no connection to the reader");
        else log.warn({ err: error }, "no connection to the reader; trying again");
        lastWords = words;
      }
      await clock.sleep(next(), signal).catch(() => undefined);
    }
  }
}
