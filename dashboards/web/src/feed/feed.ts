import type { LocationEvent, PassageEvent, PlaceRef } from "@storeward/contracts";

/* What passed and what arrived, newest first. */

export interface FeedItem {
  readonly id: string;
  readonly name: string;
  readonly kind: string;
}

export interface PassageEntry {
  readonly type: "passage";
  readonly key: string;
  readonly at: string;
  readonly readPoint: string;
  readonly direction: PassageEvent["direction"];
  readonly from: PlaceRef | null;
  readonly to: PlaceRef | null;
  readonly items: readonly FeedItem[];
  readonly unknownTags: number;
}

export interface ArrivalEntry {
  readonly type: "arrival";
  /** left: it went to where nobody watches. */
  readonly state: "here" | "left";
  readonly key: string;
  readonly at: string;
  readonly from: PlaceRef | null;
  readonly to: PlaceRef;
  readonly items: readonly FeedItem[];
}

export type FeedEntry = PassageEntry | ArrivalEntry;

/** Entries kept: what one scrolls through, not a log. */
export const FEED_LIMIT = 80;
/** An arrival so soon after a passage to the same place is that passage and no news of its own. */
const SAME_WALK_MS = 15_000;
/** What is put down at one place within this time was put down together. */
const TOGETHER_MS = 10_000;

/** One entry a pass: a later event of the same pass adds what it names. */
export function addPassage(feed: readonly FeedEntry[], event: PassageEvent): FeedEntry[] {
  const key = `pass-${event.pass}`;
  const before = feed.find((entry): entry is PassageEntry => entry.type === "passage" && entry.key === key);
  const entry: PassageEntry = {
    type: "passage",
    key,
    at: event.observedAt,
    readPoint: event.readPoint,
    direction: event.direction,
    from: event.from,
    to: event.to,
    items: union(before?.items ?? [], event.items),
    unknownTags: Math.max(before?.unknownTags ?? 0, event.unknownTags),
  };
  const explained = feed
    .filter((other) => other !== before)
    .flatMap((other): FeedEntry[] => (other.type === "arrival" ? without(other, entry) : [other]));
  return insert(explained, entry);
}

/** An arrival, unless nothing has settled, or it is no move, or the end of a passage already shown. */
export function addArrival(feed: readonly FeedEntry[], event: LocationEvent): FeedEntry[] {
  const { item, from } = event;
  const to = item.place;
  const { state } = item;
  if (to === null || to.id === from?.id) return [...feed];
  if (state !== "here" && (state !== "left" || from === null)) return [...feed];
  const named = { id: item.id, name: item.name, kind: item.kind };
  const passed = feed.some(
    (entry) =>
      entry.type === "passage" && entry.items.some(({ id }) => id === item.id) && ends(entry, to, event.observedAt),
  );
  if (passed) return [...feed];
  const together = feed.find(
    (entry): entry is ArrivalEntry =>
      entry.type === "arrival" &&
      entry.state === state &&
      entry.to.id === to.id &&
      entry.from?.id === from?.id &&
      apart(entry.at, event.observedAt) <= TOGETHER_MS,
  );
  if (together === undefined)
    return insert(feed, {
      type: "arrival",
      state,
      key: `arrival-${item.id}-${event.observedAt}`,
      at: event.observedAt,
      from,
      to,
      items: [named],
    });
  const at = together.at > event.observedAt ? together.at : event.observedAt;
  return insert(
    feed.filter((entry) => entry !== together),
    { ...together, at, items: union(together.items, [named]) },
  );
}

/** The arrival without what the passage accounts for: none, where nothing is left. */
function without(arrival: ArrivalEntry, passage: PassageEntry): ArrivalEntry[] {
  if (!ends(passage, arrival.to, arrival.at)) return [arrival];
  const items = arrival.items.filter(({ id }) => !passage.items.some((item) => item.id === id));
  return items.length === 0 ? [] : [{ ...arrival, items }];
}

const ends = (passage: PassageEntry, place: PlaceRef, at: string) =>
  passage.to?.id === place.id && apart(passage.at, at) <= SAME_WALK_MS;

const apart = (a: string, b: string) => Math.abs(Date.parse(a) - Date.parse(b));

function union(known: readonly FeedItem[], more: readonly FeedItem[]): FeedItem[] {
  return [...known, ...more.filter(({ id }) => !known.some((item) => item.id === id))];
}

/** Keeps newest first, also for what is told late. */
function insert(feed: readonly FeedEntry[], entry: FeedEntry): FeedEntry[] {
  const at = feed.findIndex((other) => other.at <= entry.at);
  const where = at === -1 ? feed.length : at;
  return [...feed.slice(0, where), entry, ...feed.slice(where)].slice(0, FEED_LIMIT);
}
