const EVERY_MS = 1_000;

/** One line on a terminal's standard error that says how far a long reading has come; nothing elsewhere. */
export class Progress {
  readonly #total: number;
  readonly #started = Date.now();
  #read = 0;
  #shown = Date.now();

  /** `total` bytes; 0 where nobody knows. */
  constructor(total: number) {
    this.#total = total;
  }

  read(bytes: number): void {
    this.#read += bytes;
    const now = Date.now();
    if (!process.stderr.isTTY || now - this.#shown < EVERY_MS) return;
    this.#shown = now;
    const megabytes = (this.#read / 1e6).toFixed(1);
    const share = this.#total === 0 ? "" : `, ${Math.floor((100 * this.#read) / this.#total)} %`;
    process.stderr.write(`\r${megabytes} MB read${share} in ${Math.round((now - this.#started) / 1000)} s `);
  }

  end(): void {
    if (process.stderr.isTTY && this.#shown - this.#started >= EVERY_MS) process.stderr.write("\r\x1b[K");
  }
}
