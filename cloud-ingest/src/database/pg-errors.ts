import { isStorewardError } from "@storeward/runtime";
import { E } from "./errors.js";
import type { Limits } from "./limits.js";

/** SQLSTATE of an error of PostgreSQL, or the code of a network error. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}

/** 40001 serialization_failure, 40P01 deadlock_detected: doing the same again succeeds. */
export function isConflict(error: unknown): boolean {
  const code = codeOf(error);
  return code === "40001" || code === "40P01";
}

/** A statement that was kept prepared is not there, or another is: 26000 and 42P05 behind a pooler that gives each transaction another connection. */
export function isUnprepared(error: unknown): boolean {
  const code = codeOf(error);
  return code === "26000" || code === "42P05";
}

/**
 * A statement that was kept prepared answers otherwise since the schema has changed: 0A000, "cached plan must not change result type". On its connection it
 * fails from then on.
 */
export function isOutdated(error: unknown): error is Error {
  return codeOf(error) === "0A000" && error instanceof Error && /cached plan/.test(error.message);
}

const NETWORK = new Set(["ECONNREFUSED", "ECONNRESET", "ENOENT", "EPIPE", "ETIMEDOUT", "ENOTFOUND", "EAI_AGAIN"]);

const TRANSIENT = /^(08|53|57|58)[0-9A-Z]{3}$|^25P03$|^55P03$/;

/**
 * True when the error tells of the database's state and not of the work: connection lost (class 08), resources (53), operator intervention
 * and start-up (57), I/O (58), conflict, idle in a transaction (25P03), locked (55P03). The same work may succeed later.
 */
export function isTransient(error: unknown): boolean {
  if (isConflict(error)) return true;
  if (isStorewardError(error)) return error.retryable;
  const code = codeOf(error);
  if (code !== undefined && (NETWORK.has(code) || TRANSIENT.test(code))) return true;
  const message = error instanceof Error ? error.message : "";
  return /connection terminated|connection ended|timeout exceeded when trying to connect|not queryable/i.test(message);
}

/** A statement, or its wait for a lock, took too long: done again as a whole it may take as long again. Less at a time may not. */
export function tookTooLong(error: unknown): boolean {
  return isStorewardError(error, "DATABASE_SLOW") || isStorewardError(error, "DATABASE_LOCKED");
}

/** The error that says what is to be done, where the server's own says only that a limit was reached. */
export function explained(error: unknown, { statementMs }: Limits): unknown {
  const code = codeOf(error);
  if (code === "55P03") return E.DATABASE_LOCKED({}, { cause: error });
  // 57014 query_canceled is also what an administrator does with pg_cancel_backend.
  const isLimit = code === "57014" && error instanceof Error && /statement timeout/.test(error.message);
  return isLimit ? E.DATABASE_SLOW({ seconds: statementMs / 1000 }, { cause: error }) : error;
}
