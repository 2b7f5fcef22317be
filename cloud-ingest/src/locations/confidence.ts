import type { ItemState } from "@storeward/contracts";
import type { PlaceDirectory } from "../places/index.js";

/** Blindness that takes belief down to 37 %. */
const FORGET_SECONDS = 300;
/** Below this nothing is claimed. */
const LEAST = 0.5;

/** What of an item's row says where it is. */
export interface Placed {
  readonly place: string | null;
  readonly state_base: "here" | "moving" | "left" | null;
  readonly p: number;
}

/** @param blind seconds in which something that watches the place did not, since the item was seen */
export function stateOf({ place, state_base, p }: Placed, blind: number): { state: ItemState; confidence: number } {
  const confidence = place === null ? 0 : Math.round(p * Math.exp(-blind / FORGET_SECONDS) * 1000) / 1000;
  return { state: confidence < LEAST ? "unknown" : (state_base ?? "unknown"), confidence };
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
