import type { Site } from "@storeward/contracts";
import type { PlaceDirectory } from "../../places/index.js";

export interface WatchersDeps {
  readonly directory: Pick<PlaceDirectory, "byCode" | "byId" | "readPoint" | "readPoints" | "within">;
  /** Which agent each reader hangs on. */
  readonly readers: readonly Pick<Site["readers"][number], "id" | "agent">[];
}

/** Which gateways watch which places, and the other way round. */
export class Watchers {
  readonly #deps: WatchersDeps;
  readonly #agents: ReadonlyMap<string, string>;
  readonly #found = new Map<string, readonly string[]>();
  /** Places by gateway. */
  #places: ReadonlyMap<string, readonly string[]> | undefined;

  constructor(deps: WatchersDeps) {
    this.#deps = deps;
    this.#agents = new Map(deps.readers.map(({ id, agent }) => [id, agent]));
  }

  /** Places (ids) that a gateway watches. */
  placesOf(agent: string): readonly string[] {
    this.#places ??= this.#placesByAgent();
    return this.#places.get(agent) ?? [];
  }

  /** Of all at once: a look at every read point for each of a thousand gateways holds everything up for seconds. */
  #placesByAgent(): Map<string, readonly string[]> {
    const places = new Map<string, Set<string>>();
    for (const { id } of this.#deps.directory.readPoints())
      for (const agent of this.#agentsOf(id)) {
        const found = places.get(agent) ?? new Set();
        places.set(agent, found);
        for (const place of this.placesOfPoint(id)) found.add(place);
      }
    return new Map([...places].map(([agent, found]) => [agent, [...found]]));
  }

  /** Places (ids) of a read point: a door's two sides. */
  placesOfPoint(readPoint: string): string[] {
    const point = this.#deps.directory.readPoint(readPoint);
    if (point === undefined) return [];
    return point.role === "shelf" ? [point.placeId] : [point.insideId, point.outsideId];
  }

  /** Gateways that watch any of these places (ids) or what is in them. */
  agentsAt(places: readonly string[]): readonly string[] {
    return this.#once(`agents ${places.join()}`, () => this.#agentsAt(places));
  }

  /** All gateways that watch anything. */
  all(): readonly string[] {
    return this.#once("all", () =>
      [...new Set(this.#deps.directory.readPoints().flatMap(({ id }) => [...this.#agentsOf(id)]))].sort(),
    );
  }

  /** The description of the site is the same for as long as this runs. */
  #once(key: string, find: () => readonly string[]): readonly string[] {
    const found = this.#found.get(key) ?? find();
    this.#found.set(key, found);
    return found;
  }

  #agentsAt(places: readonly string[]): string[] {
    const { directory } = this.#deps;
    const within = new Set(places.flatMap((place) => directory.within(place)));
    const agents = new Set<string>();
    for (const { id } of directory.readPoints())
      if (this.placesOfPoint(id).some((place) => within.has(place)))
        for (const agent of this.#agentsOf(id)) agents.add(agent);
    return [...agents].sort();
  }

  #agentsOf(readPoint: string): ReadonlySet<string> {
    const point = this.#deps.directory.readPoint(readPoint);
    if (point === undefined) return new Set();
    const antennas = point.role === "shelf" ? point.antennas : [...point.antennas.inside, ...point.antennas.outside];
    return new Set(antennas.flatMap(({ reader }) => this.#agents.get(reader) ?? []));
  }
}
