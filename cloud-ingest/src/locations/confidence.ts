import type { PlaceDirectory } from "../places/index.js";

/** What watches each observable place: a shelf its own read points, a zone the portals around it. */
export function watchersOf(directory: PlaceDirectory): Map<string, string[]> {
  const watchers = new Map<string, string[]>();
  const add = (place: string, readPoint: string) => watchers.set(place, [...(watchers.get(place) ?? []), readPoint]);
  for (const point of directory.readPoints()) {
    if (point.role === "shelf") add(directory.observableOf(point.placeId), point.id);
    else for (const place of new Set([point.observableInsideId, point.observableOutsideId])) add(place, point.id);
  }
  return watchers;
}
