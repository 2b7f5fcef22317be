import type { Site } from "@storeward/contracts";
import type { AntennaTurn } from "@storeward/reader-simulators";
import type { ReaderEvent, TagRead } from "../../src/readers/driver.js";

/** Rounds at a portal are slices of time, as the LLRP driver makes them, ms. */
const SLICE_MS = 250;

type Reader = Site["readers"][number];

/** One reader as its driver presents it: a door read by read, a shelf of an LLRP reader by cycles, one of a metraTec reader by antennas. */
export class DrivenReader {
  readonly #reader: Reader;
  readonly #antennas: readonly number[];
  readonly #portal: boolean;
  readonly #dark = new Set<number>();
  #cycle: TagRead[] = [];
  #turns = 0;
  #slice = 0;

  constructor(reader: Reader, portal: boolean) {
    this.#reader = reader;
    this.#antennas = reader.antennas.map(({ antenna }) => antenna);
    this.#portal = portal;
  }

  /** What the reader says of some of its antennas, or of all. */
  covers(state: "watching" | "blind", since: number, antennas = this.#antennas): ReaderEvent {
    for (const antenna of antennas) {
      if (state === "blind") this.#dark.add(antenna);
      else this.#dark.delete(antenna);
    }
    if (state === "blind" && antennas === this.#antennas) {
      // A cycle that the reader did not end is reported by nobody.
      this.#cycle = [];
      this.#turns = 0;
    }
    return { type: "coverage", antennas, state, since, why: "simulated" };
  }

  turn({ antenna, to, readings }: AntennaTurn): ReaderEvent[] {
    const { driver } = this.#reader;
    const reads = readings.map(({ epc, rssi, at }): TagRead => {
      const time = driver === "metratec" ? to : at;
      return { epc, antenna, rssi: Math.round(rssi), first: time, last: time, count: 1 };
    });
    if (this.#portal) {
      const events = reads.map((read): ReaderEvent => ({ type: "reads", reads: [read] }));
      if (Math.floor(to / SLICE_MS) === this.#slice) return events;
      this.#slice = Math.floor(to / SLICE_MS);
      return [...events, ...this.#round(this.#antennas, to)];
    }
    this.#cycle.push(...reads);
    this.#turns++;
    if (driver !== "metratec" && this.#turns % this.#antennas.length !== 0) return [];
    const cycle = this.#cycle;
    this.#cycle = [];
    const round = this.#round(driver === "metratec" ? [antenna] : this.#antennas, to);
    return cycle.length > 0 ? [{ type: "reads", reads: cycle }, ...round] : round;
  }

  /** Of the antennas that watch. */
  #round(antennas: readonly number[], at: number): ReaderEvent[] {
    const watching = antennas.filter((antenna) => !this.#dark.has(antenna));
    return watching.length > 0 ? [{ type: "round", antennas: watching, at }] : [];
  }
}

/** All readers of a site. */
export function drivenReaders({ readers, readPoints }: Site): Map<string, DrivenReader> {
  const portals = new Set(
    readPoints.flatMap((point) =>
      point.role === "portal" ? [...point.antennas.inside, ...point.antennas.outside].map(({ reader }) => reader) : [],
    ),
  );
  return new Map(readers.map((reader) => [reader.id, new DrivenReader(reader, portals.has(reader.id))]));
}
