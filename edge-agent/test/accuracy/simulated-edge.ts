import { createHash } from "node:crypto";
import type { ObservationDraft, ReadPoint } from "@storeward/contracts";
import { SimulatedTime } from "@storeward/reader-simulators";
import type { Filter } from "../../src/filtering/filter.js";
import { createFilter } from "../../src/filtering/index.js";
import type { ReaderEvent } from "../../src/readers/driver.js";
import { type DrivenReader, drivenReaders } from "./driven-reader.js";

export interface Told {
  /** When it was told, simulated ms. */
  readonly at: number;
  readonly draft: ObservationDraft;
}

/** The filters of every device of the simulated hospital, with nothing between them and the antennas. */
export class SimulatedEdge {
  readonly time: SimulatedTime;
  readonly #filters: readonly Filter[];
  readonly #byReader = new Map<string, Filter>();
  readonly #readers: ReadonlyMap<string, DrivenReader>;
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
      for (const { id } of readers) this.#byReader.set(id, filter);
      return filter;
    });
    this.#readers = drivenReaders(site);
    for (const [id, reader] of this.#readers) this.#handle(id, reader.covers("watching", 0));
  }

  /** One step of the hospital, and what the filters say of it. */
  step(): Told[] {
    const turns = this.time.step();
    const at = this.time.now;
    const entries = turns.flatMap((turn) =>
      (this.#readers.get(turn.reader)?.turn(turn) ?? []).flatMap((event) => this.#handle(turn.reader, event)),
    );
    for (const filter of this.#filters) if ((filter.nextDue() ?? Infinity) <= at) entries.push(...filter.tick(at));
    for (const entry of entries) this.#digest.update(JSON.stringify(entry));
    return entries.map(({ draft }) => ({ at, draft }));
  }

  /** Of all that was told: a change that should change no decision leaves it as it was. */
  digest(): string {
    return this.#digest.digest("hex").slice(0, 16);
  }

  #handle(reader: string, event: ReaderEvent) {
    return this.#byReader.get(reader)?.handle(reader, event) ?? [];
  }
}

function antennasOf(point: ReadPoint) {
  return point.role === "shelf" ? point.antennas : [...point.antennas.inside, ...point.antennas.outside];
}
