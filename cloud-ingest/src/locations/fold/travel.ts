import type { Spot } from "./evidence.js";
import type { Sight } from "./state.js";

/*
 * A thing is carried no faster than somebody walks. The straight line on the plan is the least that it can have gone; where that takes longer
 * than has passed, one of two reads is of something that was not there.
 */

/** With a trolley, in a hurry. m/s */
const WALKS = 2;
/** A tag is read from so far, before and after together. m */
const READ_WITHIN = 6;
/** Clocks of two devices differ, and a tag that goes by is read for a while. ms */
const UNSURE_MS = 3_000;
/** That it was faster nevertheless: a place that is wrong on the plan, a tag that was taken along by a lift. */
const FASTER = 0.02;
const STEEP = 3;

/** How likely it is that a thing has come from where it was read last to here in the time between, 0 to 1; 1 where nothing says otherwise. */
export function reachOf(last: Sight | null, spot: Spot | undefined, at: number): number {
  if (last === null || spot === undefined) return 1;
  const metres = Math.max(0, Math.hypot(spot[0] - last.spot[0], spot[1] - last.spot[1]) - READ_WITHIN);
  const needs = (metres / WALKS) * 1000;
  const has = Math.max(0, at - last.at) + UNSURE_MS;
  return has >= needs ? 1 : Math.max(FASTER, (has / needs) ** STEEP);
}
