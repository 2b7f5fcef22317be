/** Longer lines are no reads: whatever they are, they are not kept in memory, characters. */
const MAX_LINE = 64 * 1024;

export interface Line {
  /** From 1. */
  readonly number: number;
  /** Undefined where it was too long. */
  readonly text: string | undefined;
}

/** Cuts text into lines, in whatever pieces it comes. */
export class LineSplitter {
  #rest = "";
  #tooLong = false;
  #number = 0;

  push(text: string): Line[] {
    const lines: Line[] = [];
    let from = 0;
    for (let end = text.indexOf("\n"); end >= 0; end = text.indexOf("\n", from)) {
      lines.push(this.#line(text.slice(from, end)));
      from = end + 1;
    }
    this.#keep(text.slice(from));
    return lines;
  }

  /** The last line, where nothing ended it. */
  end(): Line[] {
    return this.#rest === "" && !this.#tooLong ? [] : [this.#line("")];
  }

  #line(end: string): Line {
    this.#keep(end);
    const text = this.#rest.endsWith("\r") ? this.#rest.slice(0, -1) : this.#rest;
    const line = { number: ++this.#number, text: this.#tooLong ? undefined : text };
    this.#rest = "";
    this.#tooLong = false;
    return line;
  }

  #keep(text: string): void {
    if (this.#tooLong) return;
    this.#rest += text;
    this.#tooLong = this.#rest.length > MAX_LINE;
    if (this.#tooLong) this.#rest = "";
  }
}
