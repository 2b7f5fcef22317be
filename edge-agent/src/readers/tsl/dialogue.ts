import type { Clock } from "@storeward/runtime";
import type { Counters } from "../counters.js";
import { Exchange } from "../serial/exchange.js";
import { LineReader } from "../serial/line-reader.js";
import { fieldOf, type TslBlock, TslBlocks } from "./blocks.js";
import { E } from "./errors.js";

/** A command line may have 256 characters with its end, and no reply line is longer. */
const MAX_LINE = 512;
const ANSWER_MS = 3_000;
/** ER codes that say how an inventory went, and not that it could not be done (TSL ASCII 2 protocol, "Error codes"). */
export const NO_TRANSPONDER = "005";
export const NO_ANTENNA = "008";

const MEANINGS: Readonly<Record<string, string>> = {
  "001": " (it does not know the command)",
  [NO_TRANSPONDER]: " (no transponder found)",
  [NO_ANTENNA]: " (no antenna fitted)",
};

export interface TslDialogueOptions {
  readonly clock: Clock;
  readonly counters: Counters;
  readonly write: (text: string) => void;
  /** A block that nobody asked for: somebody pulled the trigger. */
  readonly onUnasked: (block: TslBlock) => void;
}

/** Commands and their blocks on a TSL line, one at a time, told apart from what a trigger pull pushes. */
export class TslDialogue {
  readonly #options: TslDialogueOptions;
  readonly #exchange: Exchange<TslBlock>;
  readonly #blocks = new TslBlocks();
  readonly #reader = new LineReader({ maxLine: MAX_LINE }, (line) => this.#take(line));

  constructor(options: TslDialogueOptions) {
    this.#options = options;
    const { clock, counters, write } = options;
    this.#exchange = new Exchange({ clock, counters, write, timeout: (command, ms) => E.TSL_TIMEOUT({ command, ms }) });
  }

  get counters(): Readonly<Record<string, number>> {
    return { ...this.#reader.counters, strayLines: this.#blocks.stray };
  }

  receive(chunk: Uint8Array): void {
    this.#reader.push(chunk);
  }

  /** Rejects with TSL_ERROR unless the code is among `accepted`, with TSL_TIMEOUT, or with what ended the line. */
  async command(command: string, accepted: readonly string[] = [], ms = ANSWER_MS): Promise<TslBlock> {
    const block = await this.#exchange.ask(command, `${command}\r\n`, ms);
    const { error: code } = block;
    if (code === undefined || accepted.includes(code)) return block;
    const detail = fieldOf(block, "ME");
    throw E.TSL_ERROR({ command, code, detail: detail === undefined ? (MEANINGS[code] ?? "") : ` (${detail})` });
  }

  end(error: unknown): void {
    this.#exchange.end(error);
    this.#reader.close();
  }

  #take(line: string): void {
    // With echo on (`.ec`) the command itself comes back before its block.
    if (line.startsWith(".")) return;
    const block = this.#blocks.push(line, this.#options.clock.mono());
    if (block === undefined) return;
    if (block.command === this.#exchange.command) this.#exchange.done(block);
    else this.#options.onUnasked(block);
  }
}
