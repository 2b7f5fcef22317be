import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type SimulatedTruth, Site } from "@storeward/contracts";
import { loadConfig } from "@storeward/runtime";
import { DEMONSTRATION } from "./demonstration.js";
import type { AntennaPort } from "./devices/antenna-port.js";
import { siteWiring } from "./devices/site-wiring.js";
import { Hospital } from "./hospital/hospital.js";
import { parseItems } from "./hospital/items.js";
import { EMPTY_SCENARIO } from "./hospital/scenario.js";
import type { Reading } from "./radio/field.js";

/** One turn of one antenna that is over, with what it read, in order of time. Times are simulated ms. */
export interface AntennaTurn {
  readonly reader: string;
  readonly antenna: number;
  readonly from: number;
  readonly to: number;
  readonly readings: readonly Reading[];
}

export interface SimulatedTimeOptions {
  readonly seed: number;
  /** How lively; 1 is about nine people. */
  readonly pace: number;
  /** With site.yaml and items.csv; default: the hospital in a box. */
  readonly folder?: string;
}

/**
 * The hospital and what its antennas read, as fast as the machine can: hours of doors in minutes, with no sockets and no readers'
 * protocols. Antennas take turns as the simulated readers let them. The same seed gives the same readings.
 */
export class SimulatedTime {
  readonly site: Site;
  readonly #hospital: Hospital;
  readonly #readers: { readonly id: string; readonly port: AntennaPort; next: number; turnStarted: number }[];

  constructor({ seed, pace, folder = DEMONSTRATION }: SimulatedTimeOptions) {
    this.site = loadConfig(Site, join(folder, "site.yaml"));
    const items = parseItems(readFileSync(join(folder, "items.csv"), "utf8"));
    this.#hospital = new Hospital({ site: this.site, items, scenario: EMPTY_SCENARIO, seed, pace, startedAt: 0 });
    const wire = siteWiring(this.site, this.#hospital, seed);
    this.#readers = this.site.readers.map((reader) => ({
      id: reader.id,
      port: wire(reader).port,
      next: 0,
      turnStarted: 0,
    }));
  }

  /** Simulated ms since the beginning, which is 1970 for {@link truth}. */
  get now(): number {
    return this.#hospital.elapsed;
  }

  /** Goes on by one step of the hospital; gives the turns that have ended, by reader in order of time. */
  step(): AntennaTurn[] {
    this.#hospital.step();
    const turns: AntennaTurn[] = [];
    for (const reader of this.#readers) {
      const { id, port } = reader;
      for (;;) {
        const antenna = port.antennas[reader.next % port.antennas.length] ?? 1;
        const to = reader.turnStarted + port.turnMs(antenna);
        if (to > this.now) break;
        const from = reader.turnStarted;
        turns.push({ reader: id, antenna, from, to, readings: port.read(antenna, this.#power(id, antenna), from, to) });
        reader.turnStarted = to;
        reader.next++;
      }
    }
    return turns;
  }

  truth(): SimulatedTruth {
    return this.#hospital.truth();
  }

  park(epc: string, readPoint: string): void {
    this.#hospital.park(epc, readPoint);
  }

  #power(reader: string, antenna: number): number {
    const antennas = this.site.readers.find(({ id }) => id === reader)?.antennas;
    return antennas?.find((one) => one.antenna === antenna)?.power ?? 0;
  }
}
