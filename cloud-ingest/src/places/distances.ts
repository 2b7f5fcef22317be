import { centresOf } from "./centres.js";
import type { DirectoryPlace, DirectoryReadPoint } from "./types.js";

/** Metres added to the straight line where no way is known, so that a place with a way is nearer than one behind a wall. */
const NO_WAY_KNOWN = 100;

/**
 * Walking distances from centre to centre, metres: over neighbours, through portals, and from furniture to the floor it stands on. Where
 * the site describes no way, the straight line and {@link NO_WAY_KNOWN}. A place that holds others is as near as the nearest of them.
 */
export class Distances {
  readonly #places: readonly DirectoryPlace[];
  readonly #centres: ReadonlyMap<string, readonly [number, number]>;
  readonly #ways = new Map<string, Set<string>>();

  /** @param places parents before children */
  constructor(places: readonly DirectoryPlace[], readPoints: readonly DirectoryReadPoint[]) {
    this.#places = places;
    this.#centres = centresOf(places.map((place) => ({ id: place.ref.id, ...place })));
    for (const { ref, type, parentId, neighbourIds } of places) {
      for (const neighbour of neighbourIds) this.#join(ref.id, neighbour);
      if (parentId !== null && (type === "shelf" || type === "bin")) this.#join(ref.id, parentId);
    }
    for (const point of readPoints) if (point.role === "portal") this.#join(point.insideId, point.outsideId);
  }

  from(start: string): Map<string, number> {
    const walked = this.#walk(start);
    const distances = new Map<string, number>();
    for (const { ref, parentId } of this.#places.toReversed()) {
      const own = walked.get(ref.id) ?? this.#straight(start, ref.id);
      const within = distances.get(ref.id);
      const distance = own === undefined ? within : Math.min(own, within ?? own);
      if (distance === undefined) continue;
      distances.set(ref.id, distance);
      if (parentId !== null) distances.set(parentId, Math.min(distance, distances.get(parentId) ?? distance));
    }
    return distances;
  }

  #join(a: string, b: string): void {
    for (const [from, to] of [
      [a, b],
      [b, a],
    ] as const) {
      const ways = this.#ways.get(from);
      if (ways === undefined) this.#ways.set(from, new Set([to]));
      else ways.add(to);
    }
  }

  /** Shortest ways by Dijkstra; what is settled leaves the frontier. */
  #walk(start: string): Map<string, number> {
    const settled = new Map<string, number>();
    const frontier = new Map([[start, 0]]);
    while (frontier.size > 0) {
      const [at, far] = [...frontier].reduce((a, b) => (b[1] < a[1] ? b : a));
      frontier.delete(at);
      settled.set(at, far);
      for (const next of this.#ways.get(at) ?? []) {
        if (settled.has(next)) continue;
        const step = far + (this.#line(at, next) ?? 0);
        frontier.set(next, Math.min(step, frontier.get(next) ?? step));
      }
    }
    return settled;
  }

  #straight(a: string, b: string): number | undefined {
    const line = this.#line(a, b);
    return line === undefined ? undefined : line + NO_WAY_KNOWN;
  }

  #line(a: string, b: string): number | undefined {
    const from = this.#centres.get(a);
    const to = this.#centres.get(b);
    return from === undefined || to === undefined ? undefined : Math.hypot(from[0] - to[0], from[1] - to[1]);
  }
}
