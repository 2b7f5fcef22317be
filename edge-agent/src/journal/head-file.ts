import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from "node:fs";
import type { Logger, StorewardError } from "@storeward/runtime";
import { E } from "./errors.js";

/** The last head a journal is known to have had. */
export interface Head {
  readonly epoch: string;
  readonly seq: number;
  readonly chain: string;
}

/** Keeps the head beside the journal: if the journal is damaged or replaced, what is missing has an upper bound. */
export class HeadFile {
  readonly #journal: string;
  readonly #file: string;
  readonly #log: Logger;

  constructor(journal: string, log: Logger) {
    this.#journal = journal;
    this.#file = `${journal}.head`;
    this.#log = log;
  }

  /** JOURNAL_WENT_BACK when the journal that was found is not the one that was here, or an older one. */
  compare(head: Head): StorewardError | undefined {
    const known = this.#read();
    if (known === undefined || (known.epoch === head.epoch && known.seq <= head.seq)) return undefined;
    const error = E.JOURNAL_WENT_BACK({ file: this.#journal, head: head.seq, known: known.seq });
    this.#log.error({ err: error, known, head }, "rows that had a number are missing");
    return error;
  }

  /** Whole or not at all; that it cannot be written is no reason to stop. */
  write(head: Head): void {
    try {
      const next = `${this.#file}.new`;
      const handle = openSync(next, "w", 0o600);
      try {
        writeSync(handle, `${JSON.stringify(head)}\n`);
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
  #read(): Head | undefined {
    try {
      const head = JSON.parse(readFileSync(this.#file, "utf8")) as Partial<Head> | null;
      const { epoch, seq, chain } = head ?? {};
      if (typeof epoch !== "string" || typeof chain !== "string" || typeof seq !== "number") return undefined;
      return { epoch, seq, chain };
    } catch {
      return undefined;
    }
  }
}
