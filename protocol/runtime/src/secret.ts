import { readFileSync, statSync } from "node:fs";
import { defineErrors } from "./errors.js";

const E = defineErrors({
  SECRET_UNREADABLE: { template: "The secret file {path} cannot be read: {reason}", status: 500, retryable: false },
});

const MAX_BYTES = 64 * 1024;

export interface Secret {
  readonly value: string;
  /** True when group or others may read the file: warn, naming the path. */
  readonly exposed: boolean;
}

/** Reads a secret from its file and trims white space around it. SECRET_UNREADABLE names the path and never the content. */
export function readSecret(path: string): Secret {
  try {
    const { mode, size } = statSync(path);
    if (size > MAX_BYTES) throw E.SECRET_UNREADABLE({ path, reason: `it is larger than ${MAX_BYTES} bytes` });
    const value = readFileSync(path, "utf8").trim();
    if (value === "") throw E.SECRET_UNREADABLE({ path, reason: "it is empty" });
    return { value, exposed: process.platform !== "win32" && (mode & 0o044) !== 0 };
  } catch (cause) {
    if (cause instanceof Error && cause.name === "StorewardError") throw cause;
    const code = cause instanceof Error && "code" in cause ? String(cause.code) : "unknown";
    throw E.SECRET_UNREADABLE({ path, reason: REASONS[code] ?? code }, { cause });
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "it does not exist",
  EACCES: "this user may not read it",
  EISDIR: "it is a folder",
};
