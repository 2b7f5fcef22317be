import { type Instant, type Observation, READER_CLOCK } from "@storeward/contracts";

/** How far an agent's clock may be ahead of ours. */
const MAX_FUTURE_MS = 5_000;

/** What is known of the clock of one boot. */
export interface BootClock {
  readonly offsetMs: number;
  readonly plusMinusMs: number;
  readonly source: string;
}

/** `clock`: by an offset learnt; `wall`: by what the device believed; `clamped`: it claimed the future. */
export type Dated = "clock" | "wall" | "clamped";

export interface ObservedAt {
  readonly at: Date;
  /** Milliseconds since 1970 = mono + monoOffset, for every time in the body. */
  readonly monoOffset: number;
  readonly dated: Dated;
}

/**
 * The clock of a boot as a `clock` row tells it; undefined for any other row, for one that says nothing usable, and for what a reader believes:
 * readers are often wrong by years, and the device's own clock is the better one then.
 */
export function learntClock(observation: Observation): BootClock | undefined {
  if (observation.type !== "clock" || observation.source.startsWith(READER_CLOCK)) return undefined;
  const offsetMs = Date.parse(observation.utc) - observation.at.mono;
  if (!Number.isFinite(offsetMs)) return undefined;
  return { offsetMs, plusMinusMs: observation.plusMinusMs, source: observation.source };
}

/** When an instant was, in UTC: by the boot's clock where one is known, else by the device's own; never later than 5 s from now. */
export function observedAt({ mono, wall }: Instant, clock: BootClock | undefined, now: number): ObservedAt {
  const wallOffset = Date.parse(wall) - mono;
  const offset = clock?.offsetMs ?? wallOffset;
  const at = mono + offset;
  if (Number.isFinite(at) && at >= 0 && at <= now + MAX_FUTURE_MS)
    return { at: new Date(at), monoOffset: offset, dated: clock === undefined ? "wall" : "clock" };
  // A time before 1970 is as wrong as one to come.
  const monoOffset = Number.isFinite(now - mono) ? now - mono : 0;
  return { at: new Date(now), monoOffset, dated: "clamped" };
}
