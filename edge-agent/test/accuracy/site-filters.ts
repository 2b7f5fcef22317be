import type { ObservationDraft, ReadPoint, Site } from "@storeward/contracts";
import type { Filter } from "../../src/filtering/filter.js";
import { createFilter } from "../../src/filtering/index.js";
import type { ReaderEvent } from "../../src/readers/driver.js";

/** What the filter of one device said. */
export interface Said {
  readonly agent: string;
  readonly draft: ObservationDraft;
}

/** The filters of every device of a site, with nothing between them and what drivers tell. */
export class SiteFilters {
  readonly #filters = new Map<string, Filter>();
  readonly #agentOf: ReadonlyMap<string, string>;

  constructor({
    agents,
    readers,
    readPoints,
    epcFilter,
  }: Pick<Site, "agents" | "readers" | "readPoints" | "epcFilter">) {
    this.#agentOf = new Map(readers.map(({ id, agent }) => [id, agent]));
    for (const { id: agent } of agents) {
      const own = readers.filter((reader) => reader.agent === agent);
      const filter = createFilter({
        readers: own,
        readPoints: readPoints.filter((point) =>
          antennasOf(point).some((ref) => own.some(({ id }) => id === ref.reader)),
        ),
        epcFilter,
        clock: { mono: () => 0, wall: () => 0 },
        stored: [],
        boot: "00000000000000000000000000000000",
      });
      this.#filters.set(agent, filter);
    }
  }

  handle(reader: string, event: ReaderEvent): Said[] {
    const agent = this.#agentOf.get(reader) ?? "";
    const entries = this.#filters.get(agent)?.handle(reader, event) ?? [];
    return entries.map(({ draft }) => ({ agent, draft }));
  }

  tick(now: number): Said[] {
    return [...this.#filters].flatMap(([agent, filter]) =>
      (filter.nextDue() ?? Infinity) <= now ? filter.tick(now).map(({ draft }) => ({ agent, draft })) : [],
    );
  }

  /** By agent: everything observed up to here was said. */
  through(): Map<string, number> {
    return new Map([...this.#filters].map(([agent, filter]) => [agent, filter.through()]));
  }
}

function antennasOf(point: ReadPoint) {
  return point.role === "shelf" ? point.antennas : [...point.antennas.inside, ...point.antennas.outside];
}
