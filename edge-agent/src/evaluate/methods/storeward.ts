import type { ReadPoint } from "@storeward/contracts";
import type { Filter } from "../../filtering/filter.js";
import { createFilter } from "../../filtering/index.js";
import type { Entry } from "../../journal/journal.js";
import type { ReaderEvent } from "../../readers/driver.js";
import type { Claim, Ground, Method } from "../claims.js";

/** The filters of this program, one for each device, as they run behind readers. */
export class Storeward implements Method {
  readonly name = "Storeward";
  readonly #filters: Filter[] = [];
  readonly #byReader = new Map<string, Filter>();
  readonly #shelves: ReadonlySet<string>;
  #now: number;

  constructor({ readers, readPoints, epcFilter, startsAt }: Ground) {
    this.#now = startsAt;
    this.#shelves = new Set(readPoints.filter(({ role }) => role === "shelf").map(({ id }) => id));
    for (const agent of new Set(readers.map((reader) => reader.agent))) {
      const own = readers.filter((reader) => reader.agent === agent);
      const filter = createFilter({
        readers: own,
        readPoints: readPoints.filter((point) => own.some(({ id }) => readersOf(point).includes(id))),
        epcFilter,
        clock: { mono: () => startsAt, wall: () => startsAt },
        stored: [],
        boot: "0".repeat(32),
      });
      this.#filters.push(filter);
      for (const { id } of own) this.#byReader.set(id, filter);
    }
  }

  handle(reader: string, event: ReaderEvent): Claim[] {
    if (event.type === "reads") for (const { last } of event.reads) this.#now = Math.max(this.#now, last);
    else if (event.type !== "coverage") this.#now = Math.max(this.#now, event.at);
    return this.#claims(this.#byReader.get(reader)?.handle(reader, event) ?? []);
  }

  tick(now: number): Claim[] {
    this.#now = Math.max(this.#now, now);
    return this.#filters.flatMap((filter) =>
      (filter.nextDue() ?? Number.POSITIVE_INFINITY) <= now ? this.#claims(filter.tick(now)) : [],
    );
  }

  #claims(entries: readonly Entry[]): Claim[] {
    const told = this.#now;
    return entries.flatMap(({ draft }): Claim[] => {
      if (draft.type === "passed") {
        const { tag, readPoint, direction, sides } = draft;
        if (direction === "unknown") return [];
        const centres = [sides.inside, sides.outside].flatMap((side) => (side ? [(side.first + side.last) / 2] : []));
        const at = centres.reduce((sum, centre) => sum + centre, 0) / centres.length;
        return [{ type: "passed", epc: tag.epc, readPoint, direction, at, told }];
      }
      // One that stays near a door is told there too: it is on no shelf.
      if ((draft.type !== "arrived" && draft.type !== "departed") || !this.#shelves.has(draft.readPoint)) return [];
      const type = draft.type === "arrived" ? "present" : "absent";
      return [{ type, epc: draft.tag.epc, readPoint: draft.readPoint, at: told, told }];
    });
  }
}

function readersOf(point: ReadPoint): string[] {
  const antennas = point.role === "shelf" ? point.antennas : [...point.antennas.inside, ...point.antennas.outside];
  return antennas.map(({ reader }) => reader);
}
