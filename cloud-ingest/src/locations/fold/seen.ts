import type { Evidence, Fact } from "./evidence.js";
import type { Sight, Stay } from "./state.js";
import { isFaint } from "./strength.js";

/** A place this likely is one that other places are reached from. */
const BELIEVED = 0.5;

/** When it was read last where it is said to be, or beside it; that it is read elsewhere, or faintly at a door, makes nothing surer. */
export function seenOf(stay: Stay | null, before: number | null, { fact, at }: Evidence): number | null {
  if (before !== null && stay !== null && !speaksFor(fact, stay.place)) return before;
  const seenAt = "seenAt" in fact ? fact.seenAt : fact.kind === "gone" ? at : null;
  return seenAt === null ? before : Math.max(seenAt, before ?? seenAt);
}

/** Where it was read last of where it is believed to be. */
export function lastOf({ place, p }: Stay, last: Sight | null, { fact, at }: Evidence): Sight | null {
  return fact.spot === undefined || p < BELIEVED || !speaksFor(fact, place) ? last : { spot: fact.spot, at };
}

function speaksFor(fact: Fact, place: string): boolean {
  switch (fact.kind) {
    case "crossed":
      return !isFaint(fact.rssi ?? null) && (fact.inside.place === place || fact.outside.place === place);
    case "near":
      if (fact.lean === undefined || isFaint(fact.rssi ?? null)) return false;
      return (fact.lean >= 0 ? fact.inside : fact.outside)?.place === place;
    default:
      return fact.place === place || fact.zone?.place === place;
  }
}
