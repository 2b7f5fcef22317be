import type { Reading } from "../../radio/field.js";
import type { AntennaPort } from "../antenna-port.js";
import { tidOf } from "../llrp/access-specs.js";
import { channelsOf } from "../llrp/capabilities.js";
import { type AntennaConfig, isRecord } from "./preset-schema.js";

/** Which properties a TagInventoryEvent has where a client says nothing (TagInventoryEventConfiguration). */
const DEFAULTS = {
  epc: true,
  epcHex: false,
  tid: true,
  tidHex: false,
  antennaPort: true,
  transmitPowerCdbm: true,
  peakRssiCdbm: true,
  frequency: true,
  lastSeenTime: false,
  phaseAngle: false,
} as const;

type Property = keyof typeof DEFAULTS;
type Shown = Readonly<Record<Property, boolean>>;

export interface Told {
  /** Simulated ms. */
  readonly at: number;
  readonly event: Readonly<Record<string, unknown>>;
}

/** A running inventory: antennas take turns, and every read is an event. */
export class Inventory {
  readonly #port: AntennaPort;
  readonly #configs: readonly AntennaConfig[];
  readonly #shown: Shown;
  readonly #iso: (at: number) => string;
  #turn = 0;
  #turnStartedAt: number;

  constructor(options: {
    readonly port: AntennaPort;
    readonly configs: readonly AntennaConfig[];
    readonly eventConfig: unknown;
    readonly now: number;
    /** The reader's clock at a simulated moment, ISO 8601. */
    readonly iso: (at: number) => string;
  }) {
    this.#port = options.port;
    this.#configs = options.configs;
    this.#shown = shownOf(options.eventConfig);
    this.#iso = options.iso;
    this.#turnStartedAt = options.now;
  }

  get antennas(): number[] {
    return this.#configs.map(({ antennaPort }) => antennaPort);
  }

  /** What was read in the turns that ended by `now`. */
  tick(now: number): Told[] {
    const told: Told[] = [];
    for (;;) {
      const config = this.#configs[this.#turn % this.#configs.length];
      if (config === undefined) return told;
      const end = this.#turnStartedAt + this.#port.turnMs(config.antennaPort);
      if (end > now) return told;
      const readings = this.#port.read(config.antennaPort, config.transmitPowerCdbm / 100, this.#turnStartedAt, end);
      for (const reading of readings) told.push({ at: reading.at, event: this.#tagEvent(reading, config) });
      this.#turnStartedAt = end;
      this.#turn++;
    }
  }

  #tagEvent({ epc, rssi, at, channel, phase }: Reading, config: AntennaConfig): Readonly<Record<string, unknown>> {
    const tid = config.fastId ? tidOf(epc) : undefined;
    const values: Readonly<Record<Property, unknown>> = {
      epc: base64(epc),
      epcHex: epc,
      tid: tid === undefined ? undefined : base64(tid),
      tidHex: tid,
      antennaPort: config.antennaPort,
      transmitPowerCdbm: config.transmitPowerCdbm,
      peakRssiCdbm: Math.round(rssi * 100),
      frequency: channelsOf(this.#port.region)[channel - 1],
      lastSeenTime: this.#iso(at),
      phaseAngle: Math.round(phase * 100) / 100,
    };
    const shown = Object.entries(values).filter(
      ([name, value]) => this.#shown[name as Property] && value !== undefined,
    );
    return { eventType: "tagInventory", tagInventoryEvent: Object.fromEntries(shown) };
  }
}

function shownOf(eventConfig: unknown): Shown {
  const asked = isRecord(eventConfig) && isRecord(eventConfig.tagInventory) ? eventConfig.tagInventory : {};
  return Object.fromEntries(
    Object.entries(DEFAULTS).map(([name, usual]) => [
      name,
      asked[name] === undefined ? usual : asked[name] === "enabled",
    ]),
  ) as Record<Property, boolean>;
}

function base64(hex: string): string {
  return Buffer.from(hex, "hex").toString("base64");
}
