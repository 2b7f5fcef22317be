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

  constructor(options: RecurringOptions) {
    this.#options = options;
  }

  start(): void {
    const { clock = systemClock, everyMs } = this.#options;
    this.#timer = clock.every(everyMs, () => this.#turn());
  }

  /** Waits for what is being done. */
  async stop(): Promise<void> {
    this.#timer?.stop();
    await this.#working;
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
