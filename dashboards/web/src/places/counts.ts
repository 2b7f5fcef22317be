import type { Item, Location } from "@storeward/contracts";
import { isContainer, type PlaceIndex } from "./place-index.js";

export interface PlaceCount {
  readonly items: number;
  readonly unknown: number;
}

/** Items that a search found, by the place they are in. */
export type Matches = ReadonlyMap<string, number>;

/**
 * The number that stands at a place: what is in it and in everything under it. A zone counts what is in its rooms, and not what is in rooms
 * that have a number of their own.
 */
export function countAt(index: PlaceIndex, place: Location): PlaceCount {
  const sum = { items: 0, unknown: 0 };
  for (const part of parts(index, place)) {
    sum.items += part.items;
    sum.unknown += part.unknown;
  }
  return sum;
}

/** Matches at a place, by the same rule. */
export function matchesAt(index: PlaceIndex, place: Location, matches: Matches): number {
  return parts(index, place).reduce((sum, { id }) => sum + (matches.get(id) ?? 0), 0);
}

/** Whether an item that is in `at` counts for `place`. */
export function countsFor(index: PlaceIndex, place: Location, at: string): boolean {
  if (!isContainer(place)) return index.within(at, place.id);
  return at === place.id || index.rooms(place.id).some((room) => index.within(at, room.id));
}

function parts(index: PlaceIndex, place: Location): Location[] {
  const under: readonly Location[] = isContainer(place) ? index.rooms(place.id) : index.children(place.id);
  return [place, ...under.flatMap((part) => parts(index, part))];
}

/** Where the items of a search are; those that are nowhere are not counted. */
export function matchesOf(items: readonly Item[]): Matches {
  const found = new Map<string, number>();
  for (const { place } of items) if (place !== null) found.set(place.id, (found.get(place.id) ?? 0) + 1);
  return found;
}
