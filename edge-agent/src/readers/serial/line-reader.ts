import { ReadlineParser } from "@serialport/parser-readline";
import { CANCEL, LineGuard, type LineGuardOptions } from "./line-guard.js";

/**
 * Cuts what comes over a line into lines of text that end with CR LF, without their ends; empty ones are left out, and so
 * are those that are too long. Holds at most one line of `maxLine` bytes.
 */
export class LineReader {
  readonly #guard: LineGuard;
  // `on("data")` gives lines as they were cut; read as a stream they may come glued.
  readonly #parser = new ReadlineParser({ delimiter: "\r\n", encoding: "latin1" });

  constructor(options: LineGuardOptions, onLine: (line: string) => void) {
    this.#guard = new LineGuard(options);
    this.#parser.on("data", (line: string) => {
      if (!line.endsWith(CANCEL)) onLine(line);
    });
  }

  push(chunk: Uint8Array): void {
    if (!this.#parser.destroyed) this.#parser.write(this.#guard.pass(chunk));
  }

  /** Nothing is told afterwards. */
  close(): void {
    this.#parser.removeAllListeners("data");
    this.#parser.destroy();
  }

  get counters(): Readonly<Record<string, number>> {
    return { lineTooLong: this.#guard.cut };
  }
}
