import type { Reading } from "../../radio/field.js";
import type { AntennaPort } from "../antenna-port.js";
import { tidOf } from "../llrp/access-specs.js";
import { channelsOf } from "../llrp/capabilities.js";
import type { JsonObject, OperatingMode } from "./operating-mode.js";

/** What is known of a tag since it was last told of. */
interface Pending {
  best: Reading;
  antenna: number;
  count: number;
  toldAt: number;
}

/** A running inventory: antennas take turns; a tag is told of as the report filter lets it. */
export class Inventory {
  readonly #port: AntennaPort;
  readonly #mode: OperatingMode;
  readonly #pending = new Map<string, Pending>();
  #turn = 0;
  #turnStartedAt: number;

  constructor(port: AntennaPort, mode: OperatingMode, now: number) {
    this.#port = port;
    this.#mode = mode;
    this.#turnStartedAt = now;
  }

  get antennas(): readonly number[] {
    return this.#mode.antennas;
  }

  /** The `data` of tag events, in order, each with its simulated time. */
  tick(now: number): { readonly at: number; readonly data: JsonObject }[] {
    const told: { at: number; data: JsonObject }[] = [];
    for (;;) {
      const index = this.#turn % this.#mode.antennas.length;
      const antenna = this.#mode.antennas[index];
      if (antenna === undefined) return told;
      const end = this.#turnStartedAt + this.#port.turnMs(antenna);
      if (end > now) return told;
      for (const reading of this.#port.read(antenna, this.#mode.powers[index] ?? 0, this.#turnStartedAt, end)) {
        const data = this.#take(reading, antenna);
        if (data !== undefined) told.push({ at: reading.at, data });
      }
      this.#turnStartedAt = end;
      this.#turn++;
    }
  }

  #take(reading: Reading, antenna: number): JsonObject | undefined {
    const { reportMs, perAntenna } = this.#mode;
    if (reportMs === 0) return this.#dataOf(reading, antenna, 1, true);
    const key = perAntenna ? `${reading.epc} ${antenna}` : reading.epc;
    const known = this.#pending.get(key);
    if (known === undefined) {
      this.#pending.set(key, { best: reading, antenna, count: 0, toldAt: reading.at });
      return this.#dataOf(reading, antenna, 1, false);
    }
    known.count++;
    if (known.count === 1 || reading.rssi > known.best.rssi) {
      known.best = reading;
      known.antenna = antenna;
    }
    if (reading.at - known.toldAt < reportMs) return undefined;
    const data = this.#dataOf(known.best, known.antenna, known.count, false);
    known.count = 0;
    known.toldAt = reading.at;
    return data;
  }

  /** PHASE and CHANNEL only where every read is told of. */
  #dataOf({ epc, rssi, channel, phase }: Reading, antenna: number, reads: number, each: boolean): JsonObject {
    const { metaData } = this.#mode;
    return {
      ...(metaData.has("ANTENNA") ? { antenna } : {}),
      ...(metaData.has("CHANNEL") && each ? { channel: (channelsOf(this.#port.region)[channel - 1] ?? 0) / 1000 } : {}),
      format: "epc",
      idHex: epc.toLowerCase(),
      ...(metaData.has("RSSI") ? { peakRssi: Math.round(rssi) } : {}),
      ...(metaData.has("PHASE") && each ? { phase: Math.round(phase * 100) / 100 } : {}),
      ...(metaData.has("SEEN_COUNT") ? { reads } : {}),
      ...(metaData.has("TID") ? { TID: tidOf(epc) } : {}),
      ...(metaData.has("PC") ? { PC: (((epc.length / 4) << 11) >>> 0).toString(16).padStart(4, "0") } : {}),
    };
  }
}
