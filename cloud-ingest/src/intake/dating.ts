import { type Instant, READER_CLOCK } from "@storeward/contracts";
import { type ClampedDate, clampedDate, type Told } from "../journal/index.js";

/** What is known of the clock of one boot. */
export interface BootClock {
  readonly offsetMs: number;
  readonly plusMinusMs: number;
  readonly source: string;
}

/** `clock`: by an offset learnt; `wall`: by what the device believed; `clamped`: it claimed the future. */
export type Dated = "clock" | "wall" | "clamped";

export interface ObservedAt extends Omit<ClampedDate, "clamped"> {
  readonly dated: Dated;
}

/**
 * The clock of a boot as a `clock` row tells it; undefined for any other row, for one that says nothing usable, and for what a reader believes:
 * readers are often wrong by years, and the device's own clock is the better one then.
 */
export function learntClock(observation: Told): BootClock | undefined {
  if (observation.type !== "clock" || observation.source.startsWith(READER_CLOCK)) return undefined;
  const offsetMs = Date.parse(observation.utc) - observation.at.mono;
  if (!Number.isFinite(offsetMs)) return undefined;
  return { offsetMs, plusMinusMs: observation.plusMinusMs, source: observation.source };
}

/** When an instant was, in UTC: by the boot's clock where one is known, else by the device's own; never later than 5 s from now. */
export function observedAt({ mono, wall }: Instant, clock: BootClock | undefined, now: number): ObservedAt {
  const { at, monoOffset, clamped } = clampedDate(mono, clock?.offsetMs ?? Date.parse(wall) - mono, now);
  return { at, monoOffset, dated: clamped ? "clamped" : clock === undefined ? "wall" : "clock" };
}

/** Offsets closer than this are taken for the same: nothing that is told of a thing depends on so little. */
export const SAME_MS = 500;

/**
 * Whether a later clock says that an earlier one of the same boot was wrong, and not only that it has drifted or was read less exactly. A vaguer
 * one says nothing of a better.
 */
export function contradicts(later: BootClock, earlier: BootClock): boolean {
  if (later.plusMinusMs > earlier.plusMinusMs + SAME_MS) return false;
  return Math.abs(later.offsetMs - earlier.offsetMs) > 2 * SAME_MS + later.plusMinusMs + earlier.plusMinusMs;
}
