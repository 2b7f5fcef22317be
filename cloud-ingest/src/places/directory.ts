import {
  observablePlaces,
  type Place,
  type PlaceRef,
  type PlaceType,
  type ReadPoint,
  type Site,
  zonesAround,
} from "@storeward/contracts";
import { ownCentre } from "./centres.js";
import { Distances } from "./distances.js";
import type { DirectoryPlace, DirectoryReadPoint, PlaceDirectory } from "./types.js";

/** A place as its latest version tells; `open` says whether that still holds. */
export interface PlaceRow {
  readonly id: string;
  readonly code: string;
  readonly open: boolean;
  readonly name: string;
  readonly type: PlaceType;
  readonly parent: string | null;
  readonly outline: [number, number][] | null;
  readonly position: [number, number] | null;
  readonly neighbours: readonly string[];
}

type Plan = Pick<Site, "places" | "readPoints">;

const MAX_CACHED_DISTANCES = 200;

/** Builds the directory of one moment. Pure; sync makes a new one. */
export class Directory implements PlaceDirectory {
  readonly site: Site["site"];
  readonly #refs = new Map<string, PlaceRef>();
  readonly #children = new Map<string, string[]>();
  readonly #idByCode = new Map<string, string>();
  readonly #places: readonly DirectoryPlace[];
  readonly #observable = new Map<string, string>();
  readonly #readPoints = new Map<string, DirectoryReadPoint>();
  readonly #distances: Distances;
  readonly #distancesFrom = new Map<string, ReadonlyMap<string, number>>();

  constructor(site: Site["site"], rows: readonly PlaceRow[], readPoints: readonly ReadPoint[]) {
    this.site = site;
    const sorted = parentsFirst(rows);
    for (const row of sorted) {
      const above = row.parent === null ? undefined : this.#refs.get(row.parent);
      const path = above === undefined ? row.name : `${above.path} / ${row.name}`;
      this.#refs.set(row.id, { id: row.id, code: row.code, name: row.name, path });
      if (row.parent !== null) this.#childrenOf(row.parent).push(row.id);
      if (row.open) this.#idByCode.set(row.code, row.id);
    }
    const spots = new Map(sorted.flatMap((row) => (row.open ? [[row.code, ownCentre(row) ?? null] as const] : [])));
    const described = sorted.filter((row) => row.open).map((row) => this.#asDescribed(row));
    const plan: Plan = { places: described, readPoints: [...readPoints] };
    const observable = observablePlaces(plan);
    for (const [code, seenAs] of observable) this.#observable.set(this.#id(code), this.#id(seenAs));
    this.#places = this.#openPlaces(sorted);
    const around = zonesAround(plan, observable);
    for (const point of readPoints) this.#readPoints.set(point.id, this.#placed(point, around, spots));
    this.#distances = new Distances(this.#places, this.readPoints());
  }

  byCode(code: string): PlaceRef | undefined {
    const id = this.#idByCode.get(code);
    return id === undefined ? undefined : this.#refs.get(id);
  }

  byId(id: string): PlaceRef | undefined {
    return this.#refs.get(id);
  }

  observableOf(id: string): string {
    return this.#observable.get(id) ?? id;
  }

  zoneAroundShelf(readPoint: string): string | undefined {
    const point = this.#readPoints.get(readPoint);
    return point?.role === "shelf" ? (point.zoneAroundId ?? undefined) : undefined;
  }

  readPoint(code: string): DirectoryReadPoint | undefined {
    return this.#readPoints.get(code);
  }

  readPoints(): readonly DirectoryReadPoint[] {
    return [...this.#readPoints.values()];
  }

  all(): readonly DirectoryPlace[] {
    return this.#places;
  }

  within(id: string): readonly string[] {
    const found = [id];
    for (const at of found) found.push(...(this.#children.get(at) ?? []));
    return found;
  }

  distancesFrom(id: string): ReadonlyMap<string, number> {
    const known = this.#distancesFrom.get(id);
    if (known !== undefined) return known;
    if (this.#distancesFrom.size >= MAX_CACHED_DISTANCES) this.#distancesFrom.clear();
    const distances = this.#distances.from(id);
    this.#distancesFrom.set(id, distances);
    return distances;
  }

  #childrenOf(id: string): string[] {
    const children = this.#children.get(id) ?? [];
    this.#children.set(id, children);
    return children;
  }

  #id(code: string): string {
    const id = this.#idByCode.get(code);
    if (id === undefined) throw new RangeError(`${code} is no open place`);
    return id;
  }

  /** As `site.yaml` says it, for what is computed on codes. */
  #asDescribed(row: PlaceRow): Place {
    const codes = row.neighbours
      .flatMap((id) => this.#refs.get(id)?.code ?? [])
      .filter((code) => this.#idByCode.has(code));
    const parent = row.parent === null ? undefined : this.#refs.get(row.parent)?.code;
    return {
      id: row.code,
      name: row.name,
      type: row.type,
      neighbours: codes,
      ...(parent === undefined ? {} : { parent }),
    };
  }

  #openPlaces(sorted: readonly PlaceRow[]): DirectoryPlace[] {
    const neighbours = new Map<string, Set<string>>();
    const join = (a: string, b: string) => neighbours.set(a, (neighbours.get(a) ?? new Set()).add(b));
    const open = sorted.filter((row) => row.open);
    const isOpen = new Set(open.map((row) => row.id));
    for (const row of open) {
      for (const other of row.neighbours.filter((id) => isOpen.has(id))) {
        join(row.id, other);
        join(other, row.id);
      }
    }
    return open.flatMap((row) => {
      const ref = this.#refs.get(row.id);
      if (ref === undefined) return [];
      const { type, parent, outline, position } = row;
      const neighbourIds = [...(neighbours.get(row.id) ?? [])];
      return { ref, type, parentId: parent, outline, position, neighbourIds, observableId: this.observableOf(row.id) };
    });
  }

  #placed(
    point: ReadPoint,
    around: (place: string) => string | undefined,
    spots: ReadonlyMap<string, readonly [number, number] | null>,
  ): DirectoryReadPoint {
    if (point.role === "shelf") {
      const zone = around(point.place);
      const zoneAroundId = zone === undefined ? null : this.#id(zone);
      return { spot: spots.get(point.place) ?? null, placeId: this.#id(point.place), zoneAroundId, ...point };
    }
    const insideId = this.#id(point.inside);
    const outsideId = this.#id(point.outside);
    const [x, y] = point.position ?? [];
    return {
      spot: x === undefined || y === undefined ? null : [x, y],
      insideId,
      outsideId,
      observableInsideId: this.observableOf(insideId),
      observableOutsideId: this.observableOf(outsideId),
      ...point,
    };
  }
}

/** In the order given, except that parents come before what stands in them. */
function parentsFirst(rows: readonly PlaceRow[]): PlaceRow[] {
  const byId = new Map(rows.map((row) => [row.id, row]));
  const sorted = new Set<PlaceRow>();
  for (const row of rows) {
    const trail: PlaceRow[] = [];
    for (let at: PlaceRow | undefined = row; at !== undefined && !sorted.has(at) && !trail.includes(at); ) {
      trail.push(at);
      at = at.parent === null ? undefined : byId.get(at.parent);
    }
    for (const one of trail.reverse()) sorted.add(one);
  }
  return [...sorted];
}
