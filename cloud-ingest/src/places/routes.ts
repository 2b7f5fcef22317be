import { type Location, LocationList } from "@storeward/contracts";
import type { Sql } from "../database/index.js";
import type { Routes } from "../http/index.js";
import type { DirectoryReadPoint, PlaceDirectory } from "./types.js";

type ReadPointState = Location["readPoints"][number]["state"];

export interface PlaceRoutesDeps {
  readonly sql: Sql;
  readonly places: PlaceDirectory;
  /** Items by place, and how many of them are unknown by now. */
  readonly itemCounts: (sql: Sql) => Promise<ReadonlyMap<string, { readonly items: number; readonly unknown: number }>>;
  /** What each read point is doing; one that is missing has not been heard. */
  readonly coverage: (sql: Sql) => Promise<ReadonlyMap<string, { readonly state: ReadPointState }>>;
}

/** `GET /locations`: the tree of places with what is in them and whether somebody watches. */
export const routes =
  ({ sql, places, itemCounts, coverage }: PlaceRoutesDeps): Routes =>
  async (app) => {
    app.get(
      "/locations",
      { schema: { summary: "The places of the site", tags: ["places"], response: { 200: LocationList } } },
      async () => {
        const [counts, states] = await Promise.all([itemCounts(sql), coverage(sql)]);
        const pointsOf = readPointsByPlace(places.readPoints());
        const { id, name, timeZone, locale } = places.site;
        const locations = places.all().map((place): Location => {
          const { ref, type, parentId, outline, position, neighbourIds, observableId } = place;
          const { items, unknown } = counts.get(ref.id) ?? { items: 0, unknown: 0 };
          const readPoints = (pointsOf.get(ref.id) ?? []).map((point) => ({
            id: point.id,
            role: point.role,
            position: point.role === "portal" ? (point.position ?? null) : position === null ? null : [...position],
            state: states.get(point.id)?.state ?? "unheard",
          }));
          return {
            id: ref.id,
            code: ref.code,
            name: ref.name,
            type,
            path: ref.path,
            parent: parentId,
            outline: outline?.map((point) => [...point]) ?? null,
            position: position === null ? null : [...position],
            neighbours: [...neighbourIds],
            observable: observableId,
            items,
            unknown,
            readPoints,
          };
        });
        return { site: { id, name, timeZone, locale }, locations };
      },
    );
  };

/** A shelf's read point stands with its place, a portal's with the place inside. */
function readPointsByPlace(readPoints: readonly DirectoryReadPoint[]): Map<string, DirectoryReadPoint[]> {
  const byPlace = new Map<string, DirectoryReadPoint[]>();
  for (const point of readPoints) {
    const place = point.role === "shelf" ? point.placeId : point.insideId;
    byPlace.set(place, [...(byPlace.get(place) ?? []), point]);
  }
  return byPlace;
}
