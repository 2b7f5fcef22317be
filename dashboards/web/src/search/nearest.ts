import type { Item, KindSummary } from "@storeward/contracts";
import type { PlaceIndex } from "../places/place-index.js";

/** A walk to another floor is longer than the plan says: one floor counts as so many metres. */
const FLOOR_METRES = 60;

/** Metres in a straight line between two places; null where one of them has no position on the plan. */
export function metresBetween(places: PlaceIndex, from: string, to: string): number | null {
  if (from === to) return 0;
  const a = places.anchor(from);
  const b = places.anchor(to);
  if (a === null || b === null) return null;
  const floors = [places.floorOf(from), places.floorOf(to)];
  const other = floors[0] !== null && floors[1] !== null && floors[0] !== floors[1];
  return Math.hypot(a[0] - b[0], a[1] - b[1]) + (other ? FLOOR_METRES : 0);
}

type KindRow = KindSummary["places"][number];
type Near = (place: string) => number | null;

/** How far each place is from where the reader says to be; without that, nothing is nearer than anything else. */
export function nearness(places: PlaceIndex, here: string | null): Near {
  return here === null ? () => null : (place) => metresBetween(places, here, place);
}

/** Where one can go first: here, then moving, then left; what is unknown comes last, however near it was. */
const ORDER = { here: 0, moving: 1, left: 1, unknown: 2 } as const;

const byDistance = (a: number | null, b: number | null) => (a ?? Number.MAX_VALUE) - (b ?? Number.MAX_VALUE);

/** Rows of a kind: nearest first, unknown ones last; of equally near ones the fuller place first. */
export function orderRows(rows: readonly KindRow[], near: Near): KindRow[] {
  const far = (row: KindRow) => (row.place === null ? null : near(row.place.id));
  return rows.toSorted(
    (a, b) =>
      last(a.state) - last(b.state) ||
      byDistance(far(a), far(b)) ||
      ORDER[a.state] - ORDER[b.state] ||
      b.count - a.count ||
      (a.place?.path ?? "").localeCompare(b.place?.path ?? ""),
  );
}

/** Items: nearest first, unknown ones last, of these the one seen last first. */
export function orderItems(items: readonly Item[], near: Near): Item[] {
  const far = (item: Item) => (item.place === null ? null : near(item.place.id));
  return items.toSorted(
    (a, b) =>
      last(a.state) - last(b.state) ||
      (a.state === "unknown" ? (b.seenAt ?? "").localeCompare(a.seenAt ?? "") : 0) ||
      byDistance(far(a), far(b)) ||
      ORDER[a.state] - ORDER[b.state] ||
      a.name.localeCompare(b.name, undefined, { numeric: true }),
  );
}

const last = (state: Item["state"]) => (state === "unknown" ? 1 : 0);

/** How many of a kind can be gone to now, are on the way, and are unknown. */
export function countStates(kind: KindSummary): Record<Item["state"], number> {
  const sum = { here: 0, moving: 0, left: 0, unknown: 0 };
  for (const row of kind.places) sum[row.state] += row.count;
  return sum;
}
