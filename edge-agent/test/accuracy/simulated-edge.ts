import { createHash } from "node:crypto";
import type { ObservationDraft, ReadPoint, Site } from "@storeward/contracts";
import { type AntennaTurn, SimulatedTime } from "@storeward/reader-simulators";
import type { Filter } from "../../src/filtering/filter.js";
import { createFilter } from "../../src/filtering/index.js";
import type { TagRead } from "../../src/readers/driver.js";

/** Rounds at a portal are slices of time, as the LLRP driver makes them, ms. */
const SLICE_MS = 250;

export interface Told {
  /** When it was told, simulated ms. */
  readonly at: number;
  readonly draft: ObservationDraft;
}

type Reader = Site["readers"][number];

/** One reader as its driver presents it to the filter of its device. */
class ReaderAsDriven {
  readonly reader: Reader;
  readonly filter: Filter;
  readonly #antennas: readonly number[];
  readonly #portal: boolean;
  #cycle: TagRead[] = [];
  #turns = 0;
  #slice = 0;

  constructor(reader: Reader, filter: Filter, portal: boolean) {
    this.reader = reader;
    this.filter = filter;
    this.#antennas = reader.antennas.map(({ antenna }) => antenna);
    this.#portal = portal;
  }

  watching(since: number) {
    const antennas = this.#antennas;
    return this.filter.handle(this.reader.id, {
      type: "coverage",
      antennas,
      state: "watching",
      since,
      why: "simulated",
    });
  }

  /** A door is told read by read, a shelf of an LLRP reader by cycles, one of a metraTec reader by antennas. */
  turn({ antenna, to, readings }: AntennaTurn) {
    const { id, driver } = this.reader;
    const reads = readings.map(({ epc, rssi, at }): TagRead => {
      const time = driver === "metratec" ? to : at;
      return { epc, antenna, rssi: Math.round(rssi), first: time, last: time, count: 1 };
    });
    if (this.#portal) {
      const entries = reads.flatMap((read) => this.filter.handle(id, { type: "reads", reads: [read] }));
      if (Math.floor(to / SLICE_MS) === this.#slice) return entries;
      this.#slice = Math.floor(to / SLICE_MS);
      return [...entries, ...this.filter.handle(id, { type: "round", antennas: this.#antennas, at: to })];
    }
    this.#cycle.push(...reads);
    this.#turns++;
    if (driver !== "metratec" && this.#turns % this.#antennas.length !== 0) return [];
    const cycle = this.#cycle;
    this.#cycle = [];
    const antennas = driver === "metratec" ? [antenna] : this.#antennas;
    const entries = cycle.length > 0 ? this.filter.handle(id, { type: "reads", reads: cycle }) : [];
    return [...entries, ...this.filter.handle(id, { type: "round", antennas, at: to })];
  }
}

/** The filters of every device of the simulated hospital, with nothing between them and the antennas. */
export class SimulatedEdge {
  readonly time: SimulatedTime;
  readonly #filters: readonly Filter[];
  readonly #readers = new Map<string, ReaderAsDriven>();
  readonly #digest = createHash("sha256");

  constructor(seed: number, pace: number) {
    this.time = new SimulatedTime({ seed, pace });
    const { site } = this.time;
    this.#filters = site.agents.map(({ id: agent }) => {
      const readers = site.readers.filter((reader) => reader.agent === agent);
      const readPoints = site.readPoints.filter((point) =>
        antennasOf(point).some((ref) => readers.some(({ id }) => id === ref.reader)),
      );
      const filter = createFilter({
        readers,
        readPoints,
        epcFilter: site.epcFilter,
        clock: { mono: () => 0, wall: () => 0 },
        stored: [],
        boot: "00000000000000000000000000000000",
      });
      for (const reader of readers) {
        const portal = readPoints.some(
          (point) => point.role === "portal" && antennasOf(point).some((ref) => ref.reader === reader.id),
        );
        this.#readers.set(reader.id, new ReaderAsDriven(reader, filter, portal));
      }
      return filter;
    });
    for (const reader of this.#readers.values()) reader.watching(0);
  }

  /** One step of the hospital, and what the filters say of it. */
  step(): Told[] {
    const turns = this.time.step();
    const at = this.time.now;
    const entries = turns.flatMap((turn) => this.#readers.get(turn.reader)?.turn(turn) ?? []);
    for (const filter of this.#filters) if ((filter.nextDue() ?? Infinity) <= at) entries.push(...filter.tick(at));
    for (const entry of entries) this.#digest.update(JSON.stringify(entry));
    return entries.map(({ draft }) => ({ at, draft }));
  }

  /** Of all that was told: a change that should change no decision leaves it as it was. */
  digest(): string {
    return this.#digest.digest("hex").slice(0, 16);
  }
}

function antennasOf(point: ReadPoint) {
  return point.role === "shelf" ? point.antennas : [...point.antennas.inside, ...point.antennas.outside];
}
