/** Lines as long as this do not occur: the longest is an inventory line with EPC, TID, RSSI and phases. */
const MAX_LINE = 512;
/** A block is at most one inventory round; more without its end is counted. It costs no memory, for lines are given as they come. */
const MAX_BLOCK = 256 * 1024;
const CR = 0x0d;
const LF = 0x0a;

export interface FramerCounters {
  lineTooLong: number;
  blockTooLong: number;
}

/**
 * Cuts a metraTec byte stream into lines, which end with CR; a block of lines ends with CR LF. A line is given as soon as its CR is
 * there, so that a round of 12 kB does not wait for its end. Holds at most one line of 512 bytes; never throws.
 *
 * The parser that the other protocols share ends a line at CR LF alone: it would hold a whole round back as one line.
 */
export class MetratecFramer {
  readonly counters: FramerCounters = { lineTooLong: 0, blockTooLong: 0 };
  #line: number[] = [];
  /** The rest of a line that is too long is thrown away up to its CR. */
  #skipping = false;
  #afterCr = false;
  #blockBytes = 0;

  /** Takes the next bytes and gives the lines that they complete, without their ends; empty lines are left out. */
  push(chunk: Uint8Array): string[] {
    const lines: string[] = [];
    for (const byte of chunk) this.#take(byte, lines);
    return lines;
  }

  #take(byte: number, lines: string[]): void {
    if (this.#afterCr && byte === LF) this.#blockBytes = 0;
    this.#afterCr = byte === CR;
    if (++this.#blockBytes === MAX_BLOCK) this.counters.blockTooLong++;
    if (byte === CR) this.#endLine(lines);
    else if (byte === LF || this.#skipping) return;
    else if (this.#line.length < MAX_LINE) this.#line.push(byte);
    else {
      this.counters.lineTooLong++;
      this.#skipping = true;
    }
  }

  #endLine(lines: string[]): void {
    if (!this.#skipping && this.#line.length > 0) lines.push(String.fromCharCode(...this.#line));
    this.#skipping = false;
    this.#line = [];
  }
}
