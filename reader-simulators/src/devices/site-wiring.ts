import type { Site } from "@storeward/contracts";
import type { Hospital } from "../hospital/hospital.js";
import { RadioField } from "../radio/field.js";
import { RADIO } from "../radio/parameters.js";
import type { RadioAntenna } from "../radio/scene.js";
import { hash32 } from "../random.js";
import type { AntennaPort } from "./antenna-port.js";
import { channelsOf } from "./llrp/capabilities.js";

/** The antennas of one reader with their cables. */
export interface Wired {
  readonly port: AntennaPort;
  /** False where nothing changes by it. */
  connect(antenna: number, connected: boolean): boolean;
}

/** `reader` tells readers apart: each hops by itself. */
type SiteAntenna = RadioAntenna & { readonly reader: number };

/** Frequencies change at least so often, ms: ETSI EN 302 208 allows 4 s on a channel, FCC 15.247 0.4 s. */
const HOP_MS = { ETSI: 2000, FCC: 400 } as const;

/** Wires each reader of the site to the one field of radio that all of them share. */
export function siteWiring(site: Site, hospital: Hospital, seed: number): (reader: Site["readers"][number]) => Wired {
  const field = new RadioField(seed);
  const antennas = radioAntennas(site);
  return (reader) => antennaPort(reader, antennas, hospital, field);
}

function antennaPort(
  reader: Site["readers"][number],
  antennas: ReadonlyMap<string, SiteAntenna>,
  hospital: Hospital,
  field: RadioField,
): Wired {
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
