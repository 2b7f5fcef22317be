import type { Site } from "@storeward/contracts";
import type { Clock, Logger } from "@storeward/runtime";
import type { Hospital } from "../hospital/hospital.js";
import { hash32 } from "../random.js";
import { AlienReader } from "./alien/alien-reader.js";
import type { Device } from "./antenna-port.js";
import { LlrpReader } from "./llrp/llrp-reader.js";
import { MetratecReader } from "./metratec/metratec-reader.js";
import type { SerialReaderOptions } from "./serial/serial-reader.js";
import { siteWiring } from "./site-wiring.js";
import { TslReader } from "./tsl/tsl-reader.js";

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

/** A device for each reader of the site. */
export function siteDevices(options: SiteDevicesOptions): SiteDevice[] {
  const wiring = siteWiring(options.site, options.hospital, options.seed);
  let llrpPort = options.llrpPort;
  return options.site.readers.map((reader) => {
    const { port, connect } = wiring(reader);
    const { clock, log, seed, firmware, hospital } = options;
    const base = { id: reader.id, port, clock, log };
    const serial = serialDevice(reader, { ...base, tcp: options.tcpOnly }, seed);
    if (serial !== undefined) return { device: serial, connect: (antenna, on) => connect(antenna, on) };
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

/** The device of a reader on a serial line; undefined for others. */
function serialDevice(reader: Site["readers"][number], options: SerialReaderOptions, seed: number): Device | undefined {
  const number = hash32(seed, reader.id) % 1_000_000;
  switch (reader.driver) {
    case "metratec":
      return new MetratecReader({ ...options, serial: String(2_020_090_800_000_000 + number).slice(0, 16) });
    case "tsl": {
      const country = reader.region === "ETSI" ? "EU" : "US";
      return new TslReader({ ...options, serial: `1128-${country}-${String(number).padStart(6, "0")}` });
    }
    case "alien": {
      // Whoever names a file of his own has a password that this process need not know.
      const password = reader.passwordFile === undefined ? "password" : undefined;
      return new AlienReader({ ...options, login: { username: reader.username ?? "alien", password } });
    }
    default:
      return undefined;
  }
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
