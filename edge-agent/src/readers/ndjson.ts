const LF = 0x0a;

/** What a stream of lines holds. */
export interface LineTaker {
  /** A line without its end; empty ones too, which keep a stream alive. */
  line(text: string): void;
  /** A line longer than the bound, which was thrown away up to its end. Told once. */
  tooLong(): void;
}

/** Cuts bytes into lines at LF, a CR before it left out. Holds at most one line up to `maxBytes`; never throws. */
export class LineSplitter {
  readonly #maxBytes: number;
  readonly #taker: LineTaker;
  #carry: Buffer[] = [];
  #carried = 0;
  #skipping = false;

  constructor(maxBytes: number, taker: LineTaker) {
    this.#maxBytes = maxBytes;
    this.#taker = taker;
  }

  push(chunk: Buffer): void {
    let start = 0;
    for (let end = chunk.indexOf(LF); end >= 0; end = chunk.indexOf(LF, start)) {
      this.#endLine(chunk, start, end);
      start = end + 1;
    }
    if (start < chunk.length) this.#keep(chunk, start);
  }

  #endLine(chunk: Buffer, start: number, end: number): void {
    if (this.#skipping) {
      this.#skipping = false;
      return;
    }
    if (this.#carried + end - start > this.#maxBytes) {
      this.#drop();
      this.#taker.tooLong();
      return;
    }
    if (this.#carried === 0) {
      this.#taker.line(text(chunk, start, end));
      return;
    }
    this.#carry.push(chunk.subarray(start, end));
    const line = Buffer.concat(this.#carry);
    this.#drop();
    this.#taker.line(text(line, 0, line.length));
  }

  #keep(chunk: Buffer, start: number): void {
    if (this.#skipping) return;
    this.#carried += chunk.length - start;
    if (this.#carried > this.#maxBytes) {
      this.#drop();
      this.#skipping = true;
      this.#taker.tooLong();
    } else this.#carry.push(chunk.subarray(start));
  }

  #drop(): void {
    this.#carry = [];
    this.#carried = 0;
  }
}

function text(bytes: Buffer, start: number, end: number): string {
  return bytes.toString("utf8", start, end > start && bytes[end - 1] === 0x0d ? end - 1 : end);
}
