import type { JournalRow, Redated, RedatedRow } from "./types.js";

/** How far an agent's clock may be ahead of ours. */
const MAX_FUTURE_MS = 5_000;

export interface ClampedDate {
  readonly at: Date;
  /** Milliseconds since 1970 = mono + monoOffset, for every time in the body. */
  readonly monoOffset: number;
  readonly clamped: boolean;
}

/** When `mono` was by `offset`, both in ms; `now` where that would be more than 5 s after it, or before 1970, which is as wrong. */
export function clampedDate(mono: number, offset: number, now: number): ClampedDate {
  const at = mono + offset;
  if (Number.isFinite(at) && at >= 0 && at <= now + MAX_FUTURE_MS)
    return { at: new Date(at), monoOffset: offset, clamped: false };
  const monoOffset = Number.isFinite(now - mono) ? now - mono : 0;
  return { at: new Date(now), monoOffset, clamped: true };
}

/** The row as it is dated now. Undefined for a row of another boot. */
export function redatedRow(row: JournalRow, { boot, offsetMs }: Redated): RedatedRow | undefined {
  const { body, recordedAt } = row;
  if (!("at" in body) || body.at.boot !== boot) return undefined;
  const { at, monoOffset } = clampedDate(body.at.mono, offsetMs, recordedAt.getTime());
  return { ...row, observedAt: at, monoOffset, was: row.observedAt };
}
