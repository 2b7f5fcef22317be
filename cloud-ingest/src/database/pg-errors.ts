import { isStorewardError } from "@storeward/runtime";

/** SQLSTATE of an error of PostgreSQL, or the code of a network error. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}

/** 40001 serialization_failure, 40P01 deadlock_detected: doing the same again succeeds. */
export function isConflict(error: unknown): boolean {
  const code = codeOf(error);
  return code === "40001" || code === "40P01";
}

/**
 * A statement that was kept prepared is not there, or is no longer what it was: 26000 and 42P05 behind a pooler that gives each transaction another
 * connection, 0A000 ("cached plan must not change result type") where the schema has changed meanwhile.
 */
export function isUnprepared(error: unknown): boolean {
  const code = codeOf(error);
  return code === "26000" || code === "42P05" || (code === "0A000" && /cached plan/.test((error as Error).message));
}

const NETWORK = new Set(["ECONNREFUSED", "ECONNRESET", "ENOENT", "EPIPE", "ETIMEDOUT", "ENOTFOUND", "EAI_AGAIN"]);

/**
 * True when the error tells of the database's state and not of the work: connection lost (class 08), resources (53), operator intervention
 * and start-up (57), I/O (58), conflict. The same work may succeed later.
 */
export function isTransient(error: unknown): boolean {
  if (isConflict(error)) return true;
  if (isStorewardError(error)) return error.retryable;
  const code = codeOf(error);
  if (code !== undefined && (NETWORK.has(code) || /^(08|53|57|58)[0-9A-Z]{3}$/.test(code))) return true;
  const message = error instanceof Error ? error.message : "";
  return /connection terminated|connection ended|timeout exceeded when trying to connect|not queryable/i.test(message);
}
