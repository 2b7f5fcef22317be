import type { Clock, Timer } from "@storeward/runtime";
import type { Counters } from "../counters.js";
import { E } from "./errors.js";

const ANSWER_MS = 3_000;
/** Lines of one answer; a reader that goes on is not answering. */
const MAX_LINES = 64;
/** What comes unasked, also between a command and its OK. `+INVS:` is an answer, `+INV:` is not. */
const UNASKED = /^\+(CMINV|CINVR|CINV|MINV|INV|HBT|IEV)(?:: ?(.*))?$/;

export interface Unasked {
  readonly name: string;
  readonly text: string;
}

interface Pending {
  readonly command: string;
  readonly lines: string[];
  readonly timer: Timer;
  readonly resolve: (lines: readonly string[]) => void;
  readonly reject: (error: unknown) => void;
}

export interface DialogueOptions {
  readonly clock: Clock;
  readonly counters: Counters;
  readonly write: (text: string) => void;
  readonly onUnasked: (event: Unasked) => void;
}

/** Commands and their answers on a metraTec line, one at a time, with what comes unasked told apart. */
export class Dialogue {
  readonly #options: DialogueOptions;
  #pending: Pending | undefined;
  #ended: unknown;

  constructor(options: DialogueOptions) {
    this.#options = options;
  }

  /**
   * Sends a command and gives the lines of its answer without the OK. Rejects with METRATEC_ERROR, METRATEC_TIMEOUT, or with what ended
   * the line. One at a time: the answer to an earlier one can no longer be told from this one's.
   */
  command(command: string): Promise<readonly string[]> {
    return new Promise((resolve, reject) => {
      if (this.#ended !== undefined) {
        reject(this.#ended);
        return;
      }
      this.#settle()?.reject(E.METRATEC_TIMEOUT({ command: "the command before", ms: 0 }));
      const timer = this.#options.clock.after(ANSWER_MS, () => {
        this.#options.counters.add("timeouts");
        this.#settle()?.reject(E.METRATEC_TIMEOUT({ command, ms: ANSWER_MS }));
      });
      this.#pending = { command, lines: [], timer, resolve, reject };
      this.#options.write(`${command}\r`);
    });
  }

  /** A line from the reader. */
  take(line: string): void {
    const unasked = UNASKED.exec(line);
    if (unasked !== null) this.#options.onUnasked({ name: unasked[1] ?? "", text: unasked[2] ?? "" });
    else if (this.#pending === undefined) this.#options.counters.add("strayLines");
    else this.#answer(this.#pending, line);
  }

  /** No answer will come any more. */
  end(error: unknown): void {
    this.#ended ??= error;
    this.#settle()?.reject(error);
  }

  #answer(pending: Pending, line: string): void {
    if (line === "OK") this.#settle()?.resolve(pending.lines);
    else if (line === "ERROR") {
      const detail = pending.lines.length === 0 ? "" : ` (${pending.lines.join(", ").slice(0, 200)})`;
      this.#settle()?.reject(E.METRATEC_ERROR({ command: pending.command, detail }));
    } else if (line === pending.command) return;
    else if (pending.lines.length < MAX_LINES) pending.lines.push(line);
    else this.#options.counters.add("strayLines");
  }

  #settle(): Pending | undefined {
    const pending = this.#pending;
    pending?.timer.stop();
    this.#pending = undefined;
    return pending;
  }
}
