import type { Location } from "@storeward/contracts";
import type { PlaceIndex } from "../places/place-index.js";
import { asPoint, type Point } from "../places/shape.js";

/** What is drawn on one plan. */
export interface Floor {
  readonly id: string;
  readonly name: string;
  readonly places: readonly Location[];
}

/** The places with an outline, by the floor they are on; what is on no floor stands under the site's name. */
export function floorsOf(index: PlaceIndex): Floor[] {
  const groups = new Map<string, Location[]>();
  for (const place of index.list.locations) {
    if (place.outline === null || place.outline.length < 3) continue;
    // Around all floors: a plan of one floor does not show it.
    if (place.type === "site" || place.type === "building") continue;
    const floor = index.floorOf(place.id) ?? "";
    groups.set(floor, [...(groups.get(floor) ?? []), place]);
  }
  return [...groups].map(([id, places]) => ({
    id,
    name: index.byId.get(id)?.name ?? index.list.site.name,
    places,
  }));
}

export const outlineOf = (place: Location): Point[] => (place.outline ?? []).map(asPoint);
