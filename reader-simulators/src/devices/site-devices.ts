import type { Site } from "@storeward/contracts";
import type { Clock, Logger } from "@storeward/runtime";
import type { Hospital } from "../hospital/hospital.js";
import { RadioField } from "../radio/field.js";
import { RADIO } from "../radio/parameters.js";
import type { RadioAntenna } from "../radio/scene.js";
import { hash32 } from "../random.js";
import type { AntennaPort, Device } from "./antenna-port.js";
import { channelsOf } from "./llrp/capabilities.js";
import { LlrpReader } from "./llrp/llrp-reader.js";
import { MetratecReader } from "./metratec/metratec-reader.js";

export interface SiteDevicesOptions {
  readonly site: Site;
  readonly hospital: Hospital;
  readonly seed: number;
  readonly clock: Clock;
  readonly log: Logger;
  /** The first LLRP reader's port, the others follow; 0: any that are free. */
  readonly llrpPort: number;
  readonly firmware: string;
  /** No pseudo-terminals. */
  readonly tcpOnly: boolean;
}

/** A device with its antennas' cables. */
export interface SiteDevice {
  readonly device: Device;
  connect(antenna: number, connected: boolean): void;
}

/** `reader` tells readers apart: each hops by itself. */
type SiteAntenna = RadioAntenna & { readonly reader: number };

/** Frequencies change at least so often, ms: ETSI EN 302 208 allows 4 s on a channel, FCC 15.247 0.4 s. */
const HOP_MS = { ETSI: 2000, FCC: 400 } as const;

/** A device for each reader of the site. */
export function siteDevices(options: SiteDevicesOptions): SiteDevice[] {
  const field = new RadioField(options.seed);
  const antennas = radioAntennas(options.site);
  let llrpPort = options.llrpPort;
  return options.site.readers.map((reader) => {
    const { port, connect } = antennaPort(reader, antennas, options.hospital, field);
    const { clock, log, seed, firmware, hospital } = options;
    const base = { id: reader.id, port, clock, log };
    if (reader.driver === "metratec") {
      const serial = String(2_020_090_800_000_000 + (hash32(seed, reader.id) % 1_000_000)).slice(0, 16);
      const device = new MetratecReader({ ...base, serial, tcp: options.tcpOnly });
      return { device, connect: (antenna, on) => connect(antenna, on) };
    }
    const device = new LlrpReader({
      ...base,
      time: {
        now: () => hospital.elapsed,
        utc: (at) => BigInt(Math.round((hospital.now - hospital.elapsed + at) * 1000)),
      },
      identity: identityOf(seed, reader.id),
      firmware,
      tcpPort: llrpPort === 0 ? 0 : llrpPort++,
    });
    return {
      device,
      connect: (antenna, on) => {
        if (connect(antenna, on)) device.antennaChanged(antenna, on);
      },
    };
  });
}

function antennaPort(
  reader: Site["readers"][number],
  antennas: ReadonlyMap<string, SiteAntenna>,
  hospital: Hospital,
  field: RadioField,
): { port: AntennaPort; connect(antenna: number, connected: boolean): boolean } {
  const pulled = new Set<number>();
  const numbers = reader.antennas.map(({ antenna }) => antenna).sort((a, b) => a - b);
  const antennaOf = (number: number) => antennas.get(`${reader.id} ${number}`);
  const channels = channelsOf(reader.region).length;
  const port: AntennaPort = {
    antennas: numbers,
    region: reader.region,
    turnMs: (number) => RADIO.turnMs[antennaOf(number)?.use ?? "shelf"],
    connected: (number) => !pulled.has(number),
    read: (number, power, from, to) => {
      const antenna = antennaOf(number);
      if (antenna === undefined || pulled.has(number)) return [];
      const channel = 1 + (hash32(antenna.reader, Math.floor(from / HOP_MS[reader.region])) % channels);
      return field.turn(antenna, hospital.scene, { power, from, to, channel });
    },
  };
  const connect = (antenna: number, connected: boolean) => {
    if (!numbers.includes(antenna) || pulled.has(antenna) !== connected) return false;
    if (connected) pulled.delete(antenna);
    else pulled.add(antenna);
    return true;
  };
  return { port, connect };
}

/** Antennas by "reader antenna", for all readers; those of no read point are like those of a shelf. */
function radioAntennas(site: Site): Map<string, SiteAntenna> {
  const all = new Map<string, SiteAntenna>();
  for (const [index, reader] of site.readers.entries()) {
    for (const { antenna, position, facing } of reader.antennas) {
      const serves = (ref: { reader: string; antenna: number }) => ref.reader === reader.id && ref.antenna === antenna;
      const portal = site.readPoints.some(
        (point) => point.role === "portal" && [...point.antennas.inside, ...point.antennas.outside].some(serves),
      );
      const shelf = site.readPoints.find((point) => point.role === "shelf" && point.antennas.some(serves));
      all.set(`${reader.id} ${antenna}`, {
        id: all.size + 1,
        reader: index + 1,
        use: portal ? "portal" : "shelf",
        position: [position?.[0] ?? 0, position?.[1] ?? 0, position?.[2] ?? 1],
        facing: [facing?.[0] ?? 0, facing?.[1] ?? 0, facing?.[2] ?? 1],
        board: shelf?.role === "shelf" ? shelf.place : undefined,
      });
    }
  }
  return all;
}

/** An EUI-64, locally administered. */
function identityOf(seed: number, id: string): Uint8Array {
  const bytes = new Uint8Array(8);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, hash32(seed, id, 1));
  view.setUint32(4, hash32(seed, id, 2));
  bytes[0] = ((bytes[0] ?? 0) & 0xfc) | 2;
  return bytes;
}
