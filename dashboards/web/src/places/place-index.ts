import type { Location, LocationList } from "@storeward/contracts";
import { asPoint, centroid, type Point } from "./shape.js";

/** The locations of a site with the questions a page asks of them. */
export interface PlaceIndex {
  readonly list: LocationList;
  readonly byId: ReadonlyMap<string, Location>;
  children(id: string): readonly Location[];
  /** The place itself first, then what holds it, up to the site. */
  lineage(id: string): readonly Location[];
  /** Whether `id` is `of` or lies under it. */
  within(id: string, of: string): boolean;
  /** Rooms that are not told apart from each other: what is in one of them is said to be in this place. */
  rooms(zone: string): readonly Location[];
  /** Whether things are ever said to be here: in the place itself, or only in parts of it. */
  tells(id: string): "itself" | "parts" | "nothing";
  /** Where it is in metres: its position, the middle of its outline, else that of what holds it. */
  anchor(id: string): Point | null;
  floorOf(id: string): string | null;
}

export function indexPlaces(list: LocationList): PlaceIndex {
  const byId = new Map(list.locations.map((location) => [location.id, location]));
  const below = new Map<string, Location[]>();
  const rooms = new Map<string, Location[]>();
  for (const location of list.locations) {
    if (location.parent !== null) push(below, location.parent, location);
    if (location.type === "room" && location.observable !== location.id) push(rooms, location.observable, location);
  }
  const children = (id: string): readonly Location[] => below.get(id) ?? [];
  const lineage = (id: string): readonly Location[] => {
    const line: Location[] = [];
    for (let at = byId.get(id); at !== undefined && !line.includes(at); at = byId.get(at.parent ?? "")) line.push(at);
    return line;
  };
  const tells = (id: string): "itself" | "parts" | "nothing" => {
    if (byId.get(id)?.observable === id) return "itself";
    return children(id).some((child) => tells(child.id) !== "nothing") ? "parts" : "nothing";
  };
  return {
    list,
    byId,
    children,
    lineage,
    tells,
    rooms: (zone) => rooms.get(zone) ?? [],
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

function push(into: Map<string, Location[]>, key: string, location: Location) {
  const known = into.get(key);
  if (known === undefined) into.set(key, [location]);
  else known.push(location);
}

function ownAnchor(place: Location): Point | null {
  if (place.position !== null) return asPoint(place.position);
  return place.outline === null ? null : centroid(place.outline.map(asPoint));
}

/** A place that only holds others: what is said to be in it is in one of the rooms nobody tells apart. */
export const isContainer = ({ type }: Location) =>
  type === "site" || type === "building" || type === "floor" || type === "department";
