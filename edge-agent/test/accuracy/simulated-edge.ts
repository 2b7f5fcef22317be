import { createHash } from "node:crypto";
import type { ObservationDraft } from "@storeward/contracts";
import { SimulatedTime } from "@storeward/reader-simulators";
import { type DrivenReader, drivenReaders } from "./driven-reader.js";
import { SiteFilters } from "./site-filters.js";

export interface Told {
  /** When it was told, simulated ms. */
  readonly at: number;
  readonly draft: ObservationDraft;
}

/** The filters of every device of the simulated hospital, with nothing between them and the antennas. */
export class SimulatedEdge {
  readonly time: SimulatedTime;
  readonly #filters: SiteFilters;
  readonly #readers: ReadonlyMap<string, DrivenReader>;
  readonly #digest = createHash("sha256");

  constructor(seed: number, pace: number) {
    this.time = new SimulatedTime({ seed, pace });
    const { site } = this.time;
    this.#filters = new SiteFilters(site);
    this.#readers = drivenReaders(site);
    for (const [id, reader] of this.#readers) this.#filters.handle(id, reader.covers("watching", 0));
  }

  /** One step of the hospital, and what the filters say of it. */
  step(): Told[] {
    const turns = this.time.step();
    const at = this.time.now;
    const said = turns.flatMap((turn) =>
      (this.#readers.get(turn.reader)?.turn(turn) ?? []).flatMap((event) => this.#filters.handle(turn.reader, event)),
    );
    said.push(...this.#filters.tick(at));
    for (const { draft } of said) this.#digest.update(JSON.stringify(draft));
    return said.map(({ draft }) => ({ at, draft }));
  }

  /** Of all that was told: a change that should change no decision leaves it as it was. */
  digest(): string {
    return this.#digest.digest("hex").slice(0, 16);
  }
}
