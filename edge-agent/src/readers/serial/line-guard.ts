const LF = 0x0a;
const NUL = 0x00;
const CR = 0x0d;
const LINE_END = Uint8Array.of(CR, LF);
/** ASCII's own sign that what stands before it is to be disregarded. */
export const CANCEL = "\x18";
const CUT = Uint8Array.of(CANCEL.charCodeAt(0));

export interface LineGuardOptions {
  /** Longest line with its CR, bytes. */
  readonly maxLine: number;
  /** NUL ends what stands before it, and comes as a line of its own. */
  readonly nulEnds?: boolean;
}

/**
 * Stands before a parser of lines and passes on only so much of a line as a good one has: the parser keeps everything up to the next
 * line end, so that a line without one would grow for ever, and each byte cost a copy of all before it.
 */
export class LineGuard {
  /** Lines of which the rest was cut off. */
  cut = 0;
  readonly #maxLine: number;
  readonly #nulEnds: boolean;
  #length = 0;

  constructor({ maxLine, nulEnds = false }: LineGuardOptions) {
    this.#maxLine = maxLine;
    this.#nulEnds = nulEnds;
  }

  /** What of the next bytes may reach the parser. */
  pass(chunk: Uint8Array): Buffer {
    const parts: Uint8Array[] = [];
    let from = 0;
    for (let at = 0; at < chunk.length; at++) {
      if (this.#nulEnds && chunk[at] === NUL) {
        parts.push(this.#take(chunk, from, at), LINE_END, chunk.subarray(at, at + 1), LINE_END);
        this.#length = 0;
        from = at + 1;
      } else if (chunk[at] === LF) {
        parts.push(this.#take(chunk, from, at), LINE_END);
        this.#length = 0;
        from = at + 1;
      }
    }
    parts.push(this.#take(chunk, from, chunk.length));
    return Buffer.concat(parts);
  }

  #take(chunk: Uint8Array, from: number, to: number): Uint8Array {
    const before = this.#length;
    const left = Math.max(0, this.#maxLine - before);
    const tooLong = to - from > left;
    this.#length = tooLong ? this.#maxLine + 1 : before + to - from;
    // The CR of the line end goes: CR LF is put in its place, also where a reader sends LF alone.
    const kept = chunk.subarray(from, tooLong ? from + left : to).filter((byte) => byte !== CR);
    if (!tooLong || before > this.#maxLine) return kept;
    this.cut++;
    return Buffer.concat([kept, CUT]);
  }
}
