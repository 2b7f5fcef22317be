import { createHash } from "node:crypto";
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from "node:fs";
import type { KeptEpoch } from "@storeward/contracts";
import type { Logger } from "@storeward/runtime";

/** What a journal is known to have had. */
export interface KnownHead {
  /** The epoch that was written, its last row and the chain there. */
  readonly epoch: string;
  readonly seq: number;
  readonly chain: string;
  /** When this was so, wall ms. */
  readonly wall?: number;
  /** All epochs that were kept, as `hello` says them. */
  readonly kept: readonly KeptEpoch[];
}

/** Keeps the head beside the journal: if the journal is damaged or replaced, what is missing has an upper bound. */
export class HeadFile {
  readonly #file: string;
  readonly #log: Logger;

  constructor(journal: string, log: Logger) {
    this.#file = `${journal}.head`;
    this.#log = log;
  }

  /** Whole or not at all; that it cannot be written is no reason to stop. */
  write(head: KnownHead): void {
    try {
      const next = `${this.#file}.new`;
      const handle = openSync(next, "w", 0o600);
      try {
        writeSync(handle, `${JSON.stringify({ ...head, sum: sumOf(head) })}\n`);
        fsyncSync(handle);
      } finally {
        closeSync(handle);
      }
      renameSync(next, this.#file);
    } catch (error) {
      this.#log.debug({ err: error }, "the head beside the journal could not be written");
    }
  }

  /** Undefined when there is none, or none that can be read: it is only a help. */
  read(): KnownHead | undefined {
    try {
      const { sum, ...head } = JSON.parse(readFileSync(this.#file, "utf8")) as KnownHead & { sum?: string };
      const { epoch, seq, chain } = head;
      if (typeof epoch !== "string" || typeof chain !== "string" || typeof seq !== "number") return undefined;
      // Releases before this one wrote the three alone, without a sum.
      if (head.kept === undefined)
        return {
          epoch,
          seq,
          chain,
          kept: [{ epoch, head: seq, headChain: chain, oldest: 1, acked: 0, ackedChain: "" }],
        };
      return sum === sumOf(head) ? head : undefined;
    } catch {
      return undefined;
    }
  }
}

function sumOf(head: KnownHead): string {
  return createHash("sha256").update(JSON.stringify(head)).digest("hex").slice(0, 16);
}
