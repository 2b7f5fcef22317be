import { createHash } from "node:crypto";
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { open } from "node:fs/promises";
import { finished } from "node:stream/promises";
import { createGzip } from "node:zlib";

/** Lines into a gzipped file, with their hash, no faster than the disk takes them. */
export class LineWriter {
  rows = 0;
  readonly #hash = createHash("sha256");
  readonly #gzip = createGzip();
  readonly #out;
  readonly #file: string;

  constructor(file: string) {
    this.#file = file;
    this.#out = createWriteStream(file, { mode: 0o600 });
    this.#gzip.pipe(this.#out);
    this.#out.on("error", (error) => this.#gzip.destroy(error));
    // Whoever waits for room hears of it, and whoever comes later asks; without a listener it would end the process.
    this.#gzip.on("error", () => undefined);
  }

  async line(text: string): Promise<void> {
    if (this.#out.errored !== null) throw this.#out.errored;
    const line = `${text}\n`;
    this.#hash.update(line);
    if (!this.#gzip.write(line)) await once(this.#gzip, "drain");
  }

  async row(text: string): Promise<void> {
    this.rows++;
    await this.line(text);
  }

  /** Of all lines so far. */
  digest(): string {
    return this.#hash.copy().digest("hex");
  }

  async close(): Promise<void> {
    this.#gzip.end();
    await finished(this.#out);
    const handle = await open(this.#file, "r+");
    await handle.sync();
    await handle.close();
  }

  async abandon(): Promise<void> {
    this.#gzip.destroy();
    this.#out.destroy();
    await finished(this.#out).catch(() => undefined);
  }
}
