import { type Clock, systemClock, type Timer } from "./clock.js";

export interface RecurringOptions {
  readonly everyMs: number;
  readonly work: () => Promise<void>;
  /** Told what went wrong; the work is done again at its next turn. */
  readonly failed: (error: unknown) => void;
  readonly clock?: Clock | undefined;
}

/** Work that is done every so often, first after that long, and never twice at a time: a turn that comes while it is being done is left out. */
export class Recurring {
  readonly #options: RecurringOptions;
  #timer: Timer | undefined;
  #working: Promise<void> | undefined;
  #stopping = new AbortController();

  constructor(options: RecurringOptions) {
    this.#options = options;
  }

  /** Whether what is being done is to come to its end: from the moment it is stopped until it is started again. */
  get isStopped(): boolean {
    return this.#stopping.signal.aborted;
  }

  start(): void {
    const { clock = systemClock, everyMs } = this.#options;
    this.#stopping = new AbortController();
    this.#timer = clock.every(everyMs, () => this.#turn());
  }

  /** Waits for what is being done. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#timer?.stop();
    await this.#working;
  }

  /** Waits so long in the midst of the work, and no longer than until it is stopped; never throws. @param ms of its clock; nothing where not above 0 */
  async rest(ms: number): Promise<void> {
    const { clock = systemClock } = this.#options;
    if (ms > 0) await clock.sleep(ms, this.#stopping.signal).catch(() => undefined);
  }

  #turn(): void {
    const { work, failed } = this.#options;
    this.#working ??= work()
      .catch(failed)
      .finally(() => {
        this.#working = undefined;
      });
  }
}
