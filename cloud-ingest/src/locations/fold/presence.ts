import type { Evidence, Gone, Present } from "./evidence.js";
import { changed, type FoldState, LINGER_MS, type Presence, TOMBSTONE_MS, type Tombstone, type Word } from "./state.js";
import { scoreOf } from "./strength.js";

/** The strongest of the shelves that read the item and are believed; of one place, where named. */
export function bestOf(presences: readonly Presence[], place?: string): Presence | undefined {
  let best: Presence | undefined;
  for (const presence of presences) {
    if (presence.overruled !== undefined || (place !== undefined && presence.place !== place)) continue;
    if (best === undefined || presence.score > best.score) best = presence;
  }
  return best;
}

export function presentAt(presences: readonly Presence[], place: string): boolean {
  return bestOf(presences, place) !== undefined;
}

/** The presences with this one, or undefined where the agent has already said that the tag is gone. */
export function arriveAt(
  { presences, tombstones }: FoldState,
  evidence: Evidence & { fact: Present },
): readonly Presence[] | undefined {
  const { fact, tag, epoch, seq } = evidence;
  if (tombstones.some((word) => word.readPoint === fact.readPoint && saysAfter(word, evidence))) return undefined;
  const known = presences.find((presence) => presence.readPoint === fact.readPoint);
  const word: Word = { tag, epoch, seq };
  const tags = known?.tags.filter((each) => each.tag !== tag) ?? [];
  const earlier = known?.tags.find((each) => each.tag === tag);
  const overruled = known?.overruled;
  const presence: Presence = {
    readPoint: fact.readPoint,
    place: fact.place,
    zone: fact.zone,
    tags: [...tags, earlier !== undefined && saysAfter(earlier, evidence) ? earlier : word],
    score: scoreOf(fact),
    seenAt: Math.max(fact.seenAt, known?.seenAt ?? fact.seenAt),
    // Read again well after it is said to have gone through a door: it has not.
    ...(overruled !== undefined && fact.seenAt <= overruled.at + LINGER_MS ? { overruled } : {}),
  };
  return [...presences.filter((each) => each !== known), presence];
}

/** The presences without this one and the departure to remember; undefined where the agent has since read the tag again. */
export function leaveFrom(
  { presences, tombstones }: FoldState,
  evidence: Evidence & { fact: Gone },
): Pick<FoldState, "presences" | "tombstones"> | undefined {
  const { fact, tag, epoch, seq, at } = evidence;
  const known = presences.find((presence) => presence.readPoint === fact.readPoint);
  if (known?.tags.some((word) => saysAfter(word, evidence))) return undefined;
  const { readPoint, decided } = fact;
  const tombstone: Tombstone = { tag, epoch, seq, readPoint, at, ...(decided === undefined ? {} : { decided }) };
  const tags = known?.tags.filter((word) => word.tag !== tag) ?? [];
  const others = presences.filter((presence) => presence !== known);
  return {
    presences: known !== undefined && tags.length > 0 ? [...others, { ...known, tags }] : others,
    tombstones: [...tombstones, tombstone],
  };
}

/** The state without the departures that are too long ago. */
export function forgetting(state: FoldState, now: number): FoldState {
  const isOld = ({ at, decided = at }: Tombstone) => decided <= now - TOMBSTONE_MS;
  if (!state.tombstones.some(isOld)) return state;
  return changed(state, { tombstones: state.tombstones.filter((left) => !isOld(left)) });
}

/** Whether an agent said `word` of the same tag later than `other`, whatever times the two name. */
function saysAfter(word: Word, other: Word): boolean {
  return word.tag === other.tag && word.epoch === other.epoch && word.seq > other.seq;
}
