import type { PlaceRef, PlaceType, PortalReadPoint, ShelfReadPoint, Site } from "@storeward/contracts";

/** A place that is open today, with ids instead of codes. */
export interface DirectoryPlace {
  readonly ref: PlaceRef;
  readonly type: PlaceType;
  readonly parentId: string | null;
  /** Metres from the site's origin. */
  readonly outline: readonly (readonly [number, number])[] | null;
  readonly position: readonly [number, number] | null;
  /** Both ways, whichever side names it. */
  readonly neighbourIds: readonly string[];
  /** The smallest place that read points can tell here. */
  readonly observableId: string;
}

/** Where a read point is, metres from the site's origin; null where the site does not say it of the shelf or door itself. */
export interface Placed {
  readonly spot: readonly [number, number] | null;
}

/** A read point of today with the ids of its places; `observable…` are the smallest places that read points can tell. */
export type DirectoryReadPoint =
  | (ShelfReadPoint &
      Placed & {
        readonly placeId: string;
        /** Where a tag is once it has left this shelf; null where the shelf stands in nothing. */
        readonly zoneAroundId: string | null;
      })
  | (PortalReadPoint &
      Placed & {
        readonly insideId: string;
        readonly outsideId: string;
        readonly observableInsideId: string;
        readonly observableOutsideId: string;
      });

/** The places and read points of today, in memory. */
export interface PlaceDirectory {
  readonly site: Site["site"];
  /** Open places only. */
  byCode(code: string): PlaceRef | undefined;
  /** Closed places too, as they were called last: history names them. */
  byId(id: string): PlaceRef | undefined;
  /** The smallest place that read points can tell at this place; the place itself where nothing is known of it. */
  observableOf(id: string): string;
  /** Where a tag is once it has left this shelf read point's place. */
  zoneAroundShelf(readPoint: string): string | undefined;
  readPoint(code: string): DirectoryReadPoint | undefined;
  readPoints(): readonly DirectoryReadPoint[];
  /** Open places, parents before children. */
  all(): readonly DirectoryPlace[];
  /** The place and everything below it, closed places too. */
  within(id: string): readonly string[];
  /** Metres to walk from one place to every other that has a position, by id. */
  distancesFrom(id: string): ReadonlyMap<string, number>;
}

/** The places and read points of today, and as they were at any moment. */
export interface PlaceHistory extends PlaceDirectory {
  /** As they were then, by what is known now; `moment` in milliseconds since 1970. What there was first holds since ever. */
  at(moment: number): PlaceDirectory;
}
