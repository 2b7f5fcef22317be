/** A transponder takes up to eight lines; a reader that goes on for so long is not answering. */
const MAX_LINES = 50_000;

export interface TslLine {
  /** `EP`, `RI`, `ME`: two letters. */
  readonly key: string;
  readonly value: string;
  readonly arrival: number;
}

/** What a reader says about one command, its own or one that the trigger gave. */
export interface TslBlock {
  readonly command: string;
  readonly lines: readonly TslLine[];
  /** Of `ER: nnn`; undefined for `OK:`. */
  readonly error: string | undefined;
}

/**
 * Gathers the lines of an ASCII 2 reply: `CS:` with the command as the reader understood it, `key: value` lines, then `OK:` or `ER: nnn`
 * (TSL ASCII 2 protocol, "Response format").
 */
export class TslBlocks {
  /** Lines that belong to no block. */
  stray = 0;
  #command: string | undefined;
  #lines: TslLine[] = [];

  /** The block that this line ends. */
  push(line: string, arrival: number): TslBlock | undefined {
    const match = /^([A-Z]{2}): ?(.*)$/.exec(line);
    const [, key = "", value = ""] = match ?? [];
    if (key === "CS") {
      this.#command = value.trim();
      this.#lines = [];
    } else if (this.#command === undefined || match === null) this.stray++;
    else if (key === "OK" || key === "ER") {
      const block = { command: this.#command, lines: this.#lines, error: key === "ER" ? value.trim() : undefined };
      this.#command = undefined;
      this.#lines = [];
      return block;
    } else if (this.#lines.length < MAX_LINES) this.#lines.push({ key, value: value.trim(), arrival });
    else this.stray++;
    return undefined;
  }
}

/** The value of a key in a block. */
export function fieldOf({ lines }: TslBlock, key: string): string | undefined {
  return lines.find((line) => line.key === key)?.value;
}
