import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from "node:fs";

/** The last head a journal is known to have had, kept beside it: if the journal is damaged, what is missing has an upper bound. */
export interface Head {
  readonly epoch: string;
  readonly seq: number;
  readonly chain: string;
}

export function writeHead(file: string, head: Head): void {
  const next = `${file}.new`;
  const handle = openSync(next, "w", 0o600);
  try {
    writeSync(handle, `${JSON.stringify(head)}\n`);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
  renameSync(next, file);
}

/** Undefined when there is none, or none that can be read: it is only a help. */
export function readHead(file: string): Head | undefined {
  try {
    const head = JSON.parse(readFileSync(file, "utf8")) as Partial<Head> | null;
    if (typeof head?.epoch !== "string" || typeof head.chain !== "string" || !Number.isSafeInteger(head.seq))
      return undefined;
    return head as Head;
  } catch {
    return undefined;
  }
}
