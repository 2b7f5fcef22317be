import type { Location, LocationList } from "@storeward/contracts";

export type Point = readonly [number, number];

/** The locations of a site with the questions a page asks of them. */
export interface PlaceIndex {
  readonly list: LocationList;
  readonly byId: ReadonlyMap<string, Location>;
  children(id: string): readonly Location[];
  /** The place itself first, then what holds it, up to the site. */
  lineage(id: string): readonly Location[];
  /** Whether `id` is `of` or lies under it. */
  within(id: string, of: string): boolean;
  /** Items of the place and of everything under it, and how many of them are unknown by now. */
  total(id: string): { items: number; unknown: number };
  /** Where it is in metres: its position, the middle of its outline, else that of what holds it. */
  anchor(id: string): Point | null;
  floorOf(id: string): string | null;
}

export function indexPlaces(list: LocationList): PlaceIndex {
  const byId = new Map(list.locations.map((location) => [location.id, location]));
  const below = new Map<string, Location[]>();
  for (const location of list.locations)
    if (location.parent !== null) below.set(location.parent, [...(below.get(location.parent) ?? []), location]);

  const children = (id: string): readonly Location[] => below.get(id) ?? [];
  const lineage = (id: string): readonly Location[] => {
    const line: Location[] = [];
    for (let at = byId.get(id); at !== undefined && !line.includes(at); at = byId.get(at.parent ?? "")) line.push(at);
    return line;
  };
  const total = (id: string): { items: number; unknown: number } => {
    const own = byId.get(id);
    const sum = { items: own?.items ?? 0, unknown: own?.unknown ?? 0 };
    for (const child of children(id)) {
      const part = total(child.id);
      sum.items += part.items;
      sum.unknown += part.unknown;
    }
    return sum;
  };
  return {
    list,
    byId,
    children,
    lineage,
    total,
    within: (id, of) => lineage(id).some((place) => place.id === of),
    anchor: (id) => {
      for (const place of lineage(id)) {
        const at = ownAnchor(place);
        if (at !== null) return at;
      }
      return null;
    },
    floorOf: (id) => lineage(id).find((place) => place.type === "floor")?.id ?? null,
  };
}

function ownAnchor(place: Location): Point | null {
  if (place.position !== null) return asPoint(place.position);
  return place.outline === null ? null : centroid(place.outline.map(asPoint));
}

/** A JSON pair as a point; missing numbers are 0 (the schema rules them out). */
export function asPoint(pair: readonly number[]): Point {
  return [pair[0] ?? 0, pair[1] ?? 0];
}

/** Centre of area of a simple polygon; the mean of its corners where it has no area. */
export function centroid(outline: readonly Point[]): Point {
  let area = 0;
  let x = 0;
  let y = 0;
  outline.forEach(([x0, y0], i) => {
    const [x1, y1] = outline[(i + 1) % outline.length] ?? [x0, y0];
    const cross = x0 * y1 - x1 * y0;
    area += cross;
    x += (x0 + x1) * cross;
    y += (y0 + y1) * cross;
  });
  if (Math.abs(area) > 1e-9) return [x / (3 * area), y / (3 * area)];
  const n = Math.max(1, outline.length);
  return [outline.reduce((sum, p) => sum + p[0], 0) / n, outline.reduce((sum, p) => sum + p[1], 0) / n];
}
