import type { Cell } from "./rows.js";

export type TimeUnit = "auto" | "s" | "ms" | "us" | "ns" | "iso";

const PER_MS: Readonly<Record<string, number>> = { s: 0.001, ms: 1, us: 1_000, ns: 1_000_000 };
const WITH_ZONE = /(?:[zZ]|[+-]\d\d:?\d\d)$/;

/**
 * Milliseconds since 1970 of a cell; undefined where it is no time. A number counts seconds, milli-, micro- or nanoseconds: which of them,
 * its size tells, as long as it is of this century. A text without time zone is UTC.
 */
export function timeOf(cell: Cell, unit: TimeUnit): number | undefined {
  if (cell === undefined) return undefined;
  const number = typeof cell === "number" ? cell : /^[+-]?\d+(?:\.\d+)?$/.test(cell) ? Number(cell) : undefined;
  if (number !== undefined) {
    if (unit === "iso" || !Number.isFinite(number)) return undefined;
    return number / (PER_MS[unit === "auto" ? unitOf(number) : unit] ?? 1);
  }
  if (typeof cell !== "string" || (unit !== "auto" && unit !== "iso") || !/^\d{4}-\d\d-\d\d[T ]\d\d:\d\d/.test(cell))
    return undefined;
  const text = cell.replace(" ", "T");
  const time = Date.parse(WITH_ZONE.test(text) ? text : `${text}Z`);
  return Number.isNaN(time) ? undefined : time;
}

function unitOf(value: number): string {
  const size = Math.abs(value);
  return size < 1e11 ? "s" : size < 1e14 ? "ms" : size < 1e17 ? "us" : "ns";
}
