import type { PassageEvent } from "@storeward/contracts";
import { isoMs } from "@storeward/runtime";
import type { JournalRow, RecordedObservation } from "../journal/index.js";
import type { PlaceDirectory } from "../places/index.js";
import type { ItemCard } from "./types.js";

/** A passage older than this is history when it gets here, and not told as happening now. */
export const LIVE_WITHIN_MS = 60_000;

/** A row of one tag that went through. */
type Passed = JournalRow & { readonly body: Extract<RecordedObservation, { type: "passed" }> };

/** The same with the item it is on. */
interface PassedRow {
  readonly row: Passed;
  readonly item: string | null;
}

export function isPassed(row: JournalRow): row is Passed {
  return row.body.type === "passed";
}

/** When a pass was last read. */
export function lastReadOf({ observedAt, monoOffset, body: { sides } }: Passed): number {
  const lasts = [sides.inside?.last, sides.outside?.last].filter((last) => last !== undefined);
  return lasts.length === 0 ? observedAt.getTime() : Math.round(Math.max(...lasts) + monoOffset);
}

/** What to tell of these rows: one event for what went through together. */
export function passageEvents(
  rows: readonly PassedRow[],
  cards: ReadonlyMap<string, ItemCard>,
  directory: PlaceDirectory,
): PassageEvent[] {
  const passes = new Map<string, PassedRow[]>();
  for (const each of rows) {
    const { pass, readPoint } = each.row.body;
    const key = `${readPoint} ${pass}`;
    passes.set(key, [...(passes.get(key) ?? []), each]);
  }
  return [...passes.values()].map((together) => eventOf(together, cards, directory));
}

function eventOf(
  together: readonly PassedRow[],
  cards: ReadonlyMap<string, ItemCard>,
  directory: PlaceDirectory,
): PassageEvent {
  const [first] = together;
  if (first === undefined) throw new RangeError("a pass of nothing");
  const { pass, readPoint, direction } = first.row.body;
  const point = directory.readPoint(readPoint);
  const inside = point?.role === "portal" ? (directory.byId(point.observableInsideId) ?? null) : null;
  const outside = point?.role === "portal" ? (directory.byId(point.observableOutsideId) ?? null) : null;
  const [from, to] = direction === "in" ? [outside, inside] : direction === "out" ? [inside, outside] : [null, null];
  const items = new Map<string, { id: string; name: string; kind: string }>();
  let unknownTags = 0;
  for (const { item } of together) {
    const card = item === null ? undefined : cards.get(item);
    if (card === undefined) unknownTags++;
    else items.set(card.id, { id: card.id, name: card.name, kind: card.kind });
  }
  const observedAt = isoMs(Math.max(...together.map(({ row }) => lastReadOf(row))));
  return { pass, readPoint, direction, from, to, observedAt, items: [...items.values()], unknownTags };
}
