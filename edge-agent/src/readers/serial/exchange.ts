import { type Clock, defineErrors, type StorewardError, type Timer } from "@storeward/runtime";
import type { Counters } from "../counters.js";

const E = defineErrors({
  SERIAL_OVERTAKEN: { template: "{command} was sent before the reader had answered {before}", retryable: true },
});

export interface ExchangeOptions {
  readonly clock: Clock;
  readonly counters: Counters;
  readonly write: (text: string) => void;
  /** What an answer that does not come in time is called. */
  readonly timeout: (command: string, ms: number) => StorewardError;
}

interface Pending<A> {
  readonly command: string;
  readonly timer: Timer;
  readonly resolve: (answer: A) => void;
  readonly reject: (error: unknown) => void;
}

/** Commands on a line and their answers, one at a time: what belongs to an answer, and when it is whole, is the protocol's to say. */
export class Exchange<A> {
  readonly #options: ExchangeOptions;
  #pending: Pending<A> | undefined;
  #ended: unknown;

  constructor(options: ExchangeOptions) {
    this.#options = options;
  }

  /** The command that waits for its answer. */
  get command(): string | undefined {
    return this.#pending?.command;
  }

  /**
   * Sends `text` and gives the answer to it. Rejects where the answer does not come within `ms`, is an error, or the line ends. One at a
   * time: the answer to an earlier command can no longer be told from this one's.
   */
  ask(command: string, text: string, ms: number): Promise<A> {
    return new Promise((resolve, reject) => {
      if (this.#ended !== undefined) {
        reject(this.#ended);
        return;
      }
      const before = this.#settle();
      before?.reject(E.SERIAL_OVERTAKEN({ command, before: before.command }));
      const timer = this.#options.clock.after(ms, () => {
        this.#options.counters.add("timeouts");
        this.#settle()?.reject(this.#options.timeout(command, ms));
      });
      this.#pending = { command, timer, resolve, reject };
      this.#options.write(text);
    });
  }

  /** The answer is whole. */
  done(answer: A): void {
    this.#settle()?.resolve(answer);
  }

  /** The answer is an error. */
  fail(error: unknown): void {
    this.#settle()?.reject(error);
  }

  /** No answer will come any more. */
  end(error: unknown): void {
    this.#ended ??= error;
    this.fail(error);
  }

  #settle(): Pending<A> | undefined {
    const pending = this.#pending;
    pending?.timer.stop();
    this.#pending = undefined;
    return pending;
  }
}
