import { appendFileSync, existsSync, mkdirSync, renameSync, statSync } from "node:fs";
import { dirname } from "node:path";

const MAX_BYTES = 5 * 1024 * 1024;
const TAIL_LINES = 20;

/** What a child prints, in a file of at most 5 MB and the one before it; the last lines stay at hand for an error message. */
export class PartLog {
  readonly file: string;
  #tail: string[] = [];

  constructor(file: string) {
    this.file = file;
    mkdirSync(dirname(file), { recursive: true });
  }

  write(text: string): void {
    if (existsSync(this.file) && statSync(this.file).size > MAX_BYTES) renameSync(this.file, `${this.file}.1`);
    appendFileSync(this.file, text);
    this.#tail = [...this.#tail, ...text.split("\n").filter((line) => line.trim() !== "")].slice(-TAIL_LINES);
  }

  /** The lines that most likely say why it ended. */
  reason(): string {
    const telling = this.#tail.filter((line) => / (fatal|error) |FATAL|ERROR|Error/.test(line));
    return (telling.length > 0 ? telling : this.#tail).slice(-3).join("\n") || "it printed nothing";
  }
}
