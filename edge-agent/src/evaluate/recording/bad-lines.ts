const EXAMPLES = 5;

/** Lines that could not be used: counted and named, and the others go on. */
export class BadLines {
  #count = 0;
  readonly #examples: string[] = [];

  add(file: string, line: number, why: string): void {
    this.#count++;
    if (this.#examples.length < EXAMPLES) this.#examples.push(`${file}:${line} ${why}`);
  }

  get count(): number {
    return this.#count;
  }

  /** The first few, as `file:line what is wrong`. */
  get examples(): readonly string[] {
    return this.#examples;
  }
}
