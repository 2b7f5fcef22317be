import { MAX_LOG_BYTES } from "@storeward/contracts";

/** Kept in memory, bytes of text and lines: whatever comes first. */
const MAX_BYTES = 256 * 1024;
const MAX_LINES = 1_000;
const MAX_LINE = 2_000;

/** The last lines of the log, for who looks from afar: the oldest go first. Holds nothing of what it is told is secret. */
export class LogRing {
  readonly #secrets: readonly string[];
  #lines: string[] = [];
  #bytes = 0;

  /** `secrets`: texts that must not leave the device, whatever line they got into. */
  constructor(secrets: readonly string[]) {
    this.#secrets = secrets.filter((secret) => secret !== "");
  }

  add(line: string): void {
    const clean = this.#secrets.reduce((text, secret) => text.replaceAll(secret, "***"), line.trimEnd());
    const kept = clean.length > MAX_LINE ? `${clean.slice(0, MAX_LINE - 1)}…` : clean;
    this.#lines.push(kept);
    this.#bytes += Buffer.byteLength(kept);
    while (this.#bytes > MAX_BYTES || this.#lines.length > MAX_LINES)
      this.#bytes -= Buffer.byteLength(this.#lines.shift() ?? "");
  }

  /** The last so many, oldest first; fewer where they would not fit into one answer. */
  last(count: number): string[] {
    const lines: string[] = [];
    let bytes = 0;
    for (const line of this.#lines.slice(-count).reverse()) {
      bytes += Buffer.byteLength(line);
      if (bytes > MAX_LOG_BYTES) break;
      lines.push(line);
    }
    return lines.reverse();
  }
}
