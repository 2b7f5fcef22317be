import type { Whereabout } from "../locations/index.js";
import type { Match } from "./matches.js";

/** Where an item stands in a list of things wanted: smaller comes first, member by member. */
export type Rank = readonly [group: number, within: number, nameKey: string, id: string];

/** Metres where no distance is known. */
const FAR = 1e9;

/**
 * What can be fetched comes first, the nearest first; then what has left to where nobody watches; what is unknown comes last, the last seen
 * first.
 */
export function rankOf(match: Match, at: Whereabout, distances: ReadonlyMap<string, number> | undefined): Rank {
  const { nameKey, id } = match;
  if (at.state === "unknown") return [2, -(at.seenAt?.getTime() ?? 0), nameKey, id];
  const distance = distances === undefined ? 0 : (distances.get(at.placeId ?? "") ?? FAR);
  // To the centimetre: the same to whoever asks for the next page.
  return [at.state === "left" ? 1 : 0, Math.round(distance * 100), nameKey, id];
}

export function compareRanks(a: Rank, b: Rank): number {
  for (const [i, one] of a.entries()) {
    const other = b[i] ?? "";
    if (one !== other) return one < other ? -1 : 1;
  }
  return 0;
}
