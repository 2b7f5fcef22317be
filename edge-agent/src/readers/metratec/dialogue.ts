import type { Clock } from "@storeward/runtime";
import type { Counters } from "../counters.js";
import { Exchange } from "../serial/exchange.js";
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

export interface DialogueOptions {
  readonly clock: Clock;
  readonly counters: Counters;
  readonly write: (text: string) => void;
  readonly onUnasked: (event: Unasked) => void;
}

/** Commands and their answers on a metraTec line, one at a time, with what comes unasked told apart. */
export class Dialogue {
  readonly #counters: Counters;
  readonly #onUnasked: DialogueOptions["onUnasked"];
  readonly #exchange: Exchange<readonly string[]>;
  #lines: string[] = [];

  constructor({ clock, counters, write, onUnasked }: DialogueOptions) {
    this.#counters = counters;
    this.#onUnasked = onUnasked;
    const timeout = (command: string, ms: number) => E.METRATEC_TIMEOUT({ command, ms });
    this.#exchange = new Exchange({ clock, counters, write, timeout });
  }

  /**
   * Sends a command and gives the lines of its answer without the OK. Rejects with METRATEC_ERROR, METRATEC_TIMEOUT, or with what ended
   * the line.
   */
  command(command: string): Promise<readonly string[]> {
    this.#lines = [];
    return this.#exchange.ask(command, `${command}\r`, ANSWER_MS);
  }

  /** A line from the reader. */
  take(line: string): void {
    const unasked = UNASKED.exec(line);
    if (unasked !== null) this.#onUnasked({ name: unasked[1] ?? "", text: unasked[2] ?? "" });
    else if (this.#exchange.command === undefined) this.#counters.add("strayLines");
    else this.#answer(line);
  }

  /** No answer will come any more. */
  end(error: unknown): void {
    this.#exchange.end(error);
  }

  #answer(line: string): void {
    const command = this.#exchange.command ?? "";
    if (line === "OK") this.#exchange.done(this.#lines);
    else if (line === "ERROR") {
      const detail = this.#lines.length === 0 ? "" : ` (${this.#lines.join(", ").slice(0, 200)})`;
      this.#exchange.fail(E.METRATEC_ERROR({ command, detail }));
    } else if (line === command) return;
    else if (this.#lines.length < MAX_LINES) this.#lines.push(line);
    else this.#counters.add("strayLines");
  }
}
