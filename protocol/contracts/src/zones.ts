import type { Site } from "./site.js";

/*
 * What read points can tell apart. A shelf read point tells its own place. Everything one can walk between without passing a portal is one
 * zone, told apart from the next zone only by the portals between them; the zone's name is the lowest place that holds all of it.
 */

type ZonePlan = Pick<Site, "places" | "readPoints">;

/**
 * The smallest place that the site's read points can tell, for every place of the site.
 *
 * A place under a shelf read point's place answers with that place; any other with the lowest common ancestor of its zone.
 * A place that is only a container (a floor, a building) answers with itself.
 */
export function observablePlaces(site: ZonePlan): Map<string, string> {
  const parentOf = new Map(site.places.map((place) => [place.id, place.parent]));
  const shelves = new Set(site.readPoints.flatMap((point) => (point.role === "shelf" ? [point.place] : [])));
  const pathOf = (place: string): string[] => {
    const path: string[] = [];
    for (let at: string | undefined = place; at !== undefined && !path.includes(at); at = parentOf.get(at))
      path.push(at);
    return path;
  };
  const shelfOf = (place: string) => pathOf(place).find((at) => shelves.has(at));
  const zones = walkable(site, (place) => shelfOf(place) === undefined);

  const observable = new Map<string, string>();
  for (const { id } of site.places) {
    const shelf = shelfOf(id);
    const zone = zones.get(id);
    observable.set(id, shelf ?? (zone === undefined ? id : (commonAncestor(zone.map(pathOf)) ?? id)));
  }
  return observable;
}

/** Sets of floor space joined without a portal: each place to the members of its set. Containers are in none. */
function walkable(site: ZonePlan, counts: (place: string) => boolean): Map<string, string[]> {
  const floor = new Set(
    site.places
      .filter((place) => ["room", "shelf", "bin"].includes(place.type) || place.neighbours?.length)
      .map((p) => p.id),
  );
  for (const point of site.readPoints) if (point.role === "portal") floor.add(point.inside).add(point.outside);
  const zoneOf = new Map<string, string[]>();
  for (const place of floor) if (counts(place)) zoneOf.set(place, [place]);

  const join = (a: string, b: string) => {
    const one = zoneOf.get(a);
    const other = zoneOf.get(b);
    if (one === undefined || other === undefined || one === other) return;
    one.push(...other);
    for (const place of other) zoneOf.set(place, one);
  };
  const apart = new Set(
    site.readPoints.flatMap((point) =>
      point.role === "portal" ? [`${point.inside} ${point.outside}`, `${point.outside} ${point.inside}`] : [],
    ),
  );
  for (const place of site.places) {
    // A shelf without an antenna, or a bin, is part of the floor it stands on.
    if (place.parent !== undefined) join(place.id, place.parent);
    for (const neighbour of place.neighbours ?? [])
      if (!apart.has(`${place.id} ${neighbour}`)) join(place.id, neighbour);
  }
  return zoneOf;
}

function commonAncestor(paths: string[][]): string | undefined {
  const [first = [], ...rest] = paths;
  return first.find((place) => rest.every((path) => path.includes(place)));
}

/**
 * Where a tag is once it has left a shelf: the zone of the nearest enclosing place that is no shelf read point's own.
 * Undefined where the shelf stands in nothing.
 */
export function zoneAround(
  site: ZonePlan,
  shelfPlace: string,
  observable = observablePlaces(site),
): string | undefined {
  const parentOf = new Map(site.places.map((place) => [place.id, place.parent]));
  const shelves = new Set(site.readPoints.flatMap((point) => (point.role === "shelf" ? [point.place] : [])));
  const floor = site.places.filter((place) => place.type === "room").map((place) => place.id);
  const seen = new Set<string>();
  let at = parentOf.get(shelfPlace);
  // A shelf unit that only holds shelves with antennas is passed over: what is taken off stands on the floor around it.
  while (at !== undefined && !seen.has(at) && (shelves.has(at) || !floor.includes(at))) {
    seen.add(at);
    at = parentOf.get(at);
  }
  return at === undefined ? undefined : (observable.get(at) ?? at);
}
