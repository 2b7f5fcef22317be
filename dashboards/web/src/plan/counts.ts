import type { Item, Location } from "@storeward/contracts";
import type { PlaceIndex } from "../places/place-index.js";

export interface PlaceCount {
  readonly items: number;
  readonly unknown: number;
}

/** Items that a search found, by the place they are in. */
export type Matches = ReadonlyMap<string, number>;

/**
 * The number that stands at a place on the plan. A room counts what is on its shelves too; a zone that is a floor or a department counts only
 * what is in no place that has a number of its own.
 */
export function countAt(index: PlaceIndex, place: Location): PlaceCount {
  return isContainer(place) ? { items: place.items, unknown: place.unknown } : index.total(place.id);
}

/** Matches at a place, by the same rule. */
export function matchesAt(index: PlaceIndex, place: Location, matches: Matches): number {
  if (isContainer(place)) return matches.get(place.id) ?? 0;
  let sum = matches.get(place.id) ?? 0;
  for (const child of index.children(place.id)) sum += matchesAt(index, child, matches);
  return sum;
}

const isContainer = ({ type }: Location) =>
  type === "site" || type === "building" || type === "floor" || type === "department";

/** Where the items of a search are; those that are nowhere are not counted. */
export function matchesOf(items: readonly Item[]): Matches {
  const found = new Map<string, number>();
  for (const { place } of items) if (place !== null) found.set(place.id, (found.get(place.id) ?? 0) + 1);
  return found;
}
