import type { ItemState } from "@storeward/contracts";
import type { PlaceDirectory } from "../places/index.js";
import type { Belief } from "./fold/belief.js";

/** Blindness that takes belief down to 37 %. */
const FORGET_SECONDS = 300;
/**
 * What is on a floor is known by the doors around it alone, and a door misses one passage in twenty: without news belief sinks to this share of what
 * it was, with this time constant. So nothing is more than 90 % sure for longer than five minutes without something that reads it.
 */
const ON_FLOOR = { least: 0.88, seconds: 170 } as const;
/** Below this nothing is claimed. */
const LEAST = 0.5;

const WORTH_TELLING = 0.01;

/** What of an item's row says where it is. */
export interface Placed {
  readonly place: string | null;
  readonly state_base: "here" | "moving" | "left" | null;
  readonly p: number;
}

/** What has happened since an item was seen last, seconds. */
export interface Since {
  readonly elapsed: number;
  /** In which something that watches its place did not. */
  readonly blind: number;
}

/** What is left of a belief. `held`: the place is a shelf, which would have said that the item is gone. */
export function remaining({ elapsed, blind }: Since, held: boolean): number {
  const { least, seconds } = ON_FLOOR;
  const quiet = held ? 1 : least + (1 - least) * Math.exp(-Math.max(0, elapsed) / seconds);
  return quiet * Math.exp(-blind / FORGET_SECONDS);
}

export function stateOf(
  { place, state_base, p }: Placed,
  since: Since,
  held: boolean,
): { state: ItemState; confidence: number } {
  const confidence = place === null ? 0 : Math.round(p * remaining(since, held) * 1000) / 1000;
  return { state: confidence < LEAST ? "unknown" : (state_base ?? "unknown"), confidence };
}

/** Where else the item may be, most likely first. `left`: what is left of the belief, as for its place. */
export function alternativesOf(belief: Belief, place: string, left: number): { place: string; p: number }[] {
  return belief.flatMap((one) => {
    const p = Math.round(one.p * left * 1000) / 1000;
    return one.place === place || p < WORTH_TELLING ? [] : [{ place: one.place, p }];
  });
}

/** What watches each observable place: a shelf its own read points, a zone the portals around it. */
export function watchersOf(directory: PlaceDirectory): Map<string, string[]> {
  const watchers = new Map<string, string[]>();
  const add = (place: string, readPoint: string) => watchers.set(place, [...(watchers.get(place) ?? []), readPoint]);
  for (const point of directory.readPoints()) {
    if (point.role === "shelf") add(directory.observableOf(point.placeId), point.id);
    else for (const place of new Set([point.observableInsideId, point.observableOutsideId])) add(place, point.id);
  }
  return watchers;
}

/** The places of shelf read points. */
export function shelvesOf(directory: PlaceDirectory): ReadonlySet<string> {
  return new Set(
    directory.readPoints().flatMap((point) => (point.role === "shelf" ? [directory.observableOf(point.placeId)] : [])),
  );
}
