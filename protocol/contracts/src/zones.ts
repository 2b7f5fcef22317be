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
  const pathOf = pathsOf(site);
  const shelves = shelfPlaces(site);
  const shelfOf = (place: string) => pathOf(place).find((at) => shelves.has(at));
  const zones = walkable(site, (place) => shelfOf(place) === undefined);
  const names = new Map<readonly string[], string | undefined>();
  for (const zone of new Set(zones.values())) names.set(zone, commonAncestor(zone, pathOf));

  const observable = new Map<string, string>();
  for (const { id } of site.places) {
    const zone = zones.get(id);
    observable.set(id, shelfOf(id) ?? (zone && names.get(zone)) ?? id);
  }
  return observable;
}

/** The ids from a place up to its root; a circle ends where it closes. */
function pathsOf(site: ZonePlan): (place: string) => string[] {
  const parentOf = new Map(site.places.map((place) => [place.id, place.parent]));
  return (place) => {
    const path: string[] = [];
    for (let at: string | undefined = place; at !== undefined && !path.includes(at); at = parentOf.get(at))
      path.push(at);
    return path;
  };
}

/** The places that have a shelf read point of their own. */
function shelfPlaces(site: ZonePlan): Set<string> {
  return new Set(site.readPoints.flatMap((point) => (point.role === "shelf" ? [point.place] : [])));
}

const FLOOR_SPACE: readonly string[] = ["room", "shelf", "bin"];

/** Sets of floor space joined without a portal: each place to the members of its set. Containers are in none. */
function walkable(site: ZonePlan, counts: (place: string) => boolean): Map<string, string[]> {
  const typeOf = new Map(site.places.map((place) => [place.id, place.type]));
  const floor = new Set(site.places.filter((place) => FLOOR_SPACE.includes(place.type)).map((place) => place.id));
  for (const { id, neighbours = [] } of site.places)
    for (const neighbour of neighbours) if (typeOf.has(neighbour)) floor.add(id).add(neighbour);
  const apart = new Set<string>();
  for (const point of site.readPoints) {
    if (point.role !== "portal") continue;
    floor.add(point.inside).add(point.outside);
    apart.add(`${point.inside} ${point.outside}`).add(`${point.outside} ${point.inside}`);
  }
  const zoneOf = new Map<string, string[]>();
  for (const place of floor) if (counts(place)) zoneOf.set(place, [place]);

  const join = (a: string, b: string) => {
    const [one, other] = [zoneOf.get(a), zoneOf.get(b)];
    if (one === undefined || other === undefined || one === other || apart.has(`${a} ${b}`)) return;
    const [small, large] = one.length < other.length ? [one, other] : [other, one];
    for (const place of small) zoneOf.set(place, large);
    large.push(...small);
  };
  for (const { id, type, parent, neighbours = [] } of site.places) {
    // A shelf without an antenna, or a bin, is part of the floor it stands on, and an alcove part of its room. A room
    // in a department is not: the doors between them are said by neighbours and portals.
    if (parent !== undefined && (type === "shelf" || type === "bin" || typeOf.get(parent) === "room")) join(id, parent);
    for (const neighbour of neighbours) join(id, neighbour);
  }
  return zoneOf;
}

function commonAncestor(zone: readonly string[], pathOf: (place: string) => string[]): string | undefined {
  const [first, ...rest] = zone;
  let common = first === undefined ? [] : pathOf(first);
  for (const place of rest) {
    const path = new Set(pathOf(place));
    common = common.filter((at) => path.has(at));
  }
  return common[0];
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
  return zonesAround(site, observable)(shelfPlace);
}

/** The same for many shelves of one site: what it takes is worked out once. */
export function zonesAround(
  site: ZonePlan,
  observable: ReadonlyMap<string, string>,
): (shelfPlace: string) => string | undefined {
  const shelves = shelfPlaces(site);
  const pathOf = pathsOf(site);
  return (shelfPlace) => {
    const around = pathOf(shelfPlace)
      .slice(1)
      // A shelf unit in a place that is read as a whole is no way out of it.
      .find((place) => !shelves.has(observable.get(place) ?? place));
    return around === undefined ? undefined : (observable.get(around) ?? around);
  };
}
