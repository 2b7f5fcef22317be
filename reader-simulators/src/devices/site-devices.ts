import { type Site, zebraTopics } from "@storeward/contracts";
import type { Clock, Logger } from "@storeward/runtime";
import type { Hospital } from "../hospital/hospital.js";
import { hash32 } from "../random.js";
import { AlienReader } from "./alien/alien-reader.js";
import type { AntennaPort, Device, DeviceTime } from "./antenna-port.js";
import { ImpinjIotReader } from "./impinj-iot/impinj-iot-reader.js";
import { LlrpReader } from "./llrp/llrp-reader.js";
import { MetratecReader } from "./metratec/metratec-reader.js";
import { siteWiring } from "./site-wiring.js";
import { TslReader } from "./tsl/tsl-reader.js";
import { ZebraIotReader } from "./zebra-iot/zebra-iot-reader.js";

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
    const device = deviceOf(reader, port, options, () => (llrpPort === 0 ? 0 : llrpPort++));
    return {
      device,
      connect: (antenna, on) => {
        if (connect(antenna, on)) device.antennaChanged(antenna, on);
      },
    };
  });
}

function deviceOf(
  reader: Site["readers"][number],
  port: AntennaPort,
  { clock, log, seed, firmware, hospital, tcpOnly }: SiteDevicesOptions,
  llrpPort: () => number,
): Device {
  const base = { id: reader.id, port, clock, log };
  const time: DeviceTime = {
    now: () => hospital.elapsed,
    utc: (at) => BigInt(Math.round((hospital.now - hospital.elapsed + at) * 1000)),
  };
  const number = hash32(seed, reader.id) % 1_000_000;
  const serial = String(2_020_090_800_000_000 + number).slice(0, 16);
  switch (reader.driver) {
    case "metratec":
      return new MetratecReader({ ...base, serial, tcp: tcpOnly });
    case "tsl": {
      const country = reader.region === "ETSI" ? "EU" : "US";
      return new TslReader({ ...base, serial: `1128-${country}-${String(number).padStart(6, "0")}`, tcp: tcpOnly });
    }
    case "alien": {
      // Whoever names a file of his own has a password that this process need not know.
      const password = reader.passwordFile === undefined ? "password" : undefined;
      return new AlienReader({ ...base, login: { username: reader.username ?? "alien", password }, tcp: tcpOnly });
    }
    case "impinj-iot":
      return new ImpinjIotReader({ ...base, time, serial, firmware, tcpPort: 0 });
    case "zebra-iot":
      return new ZebraIotReader({ ...base, time, serial, firmware, broker: reader.url, topics: zebraTopics(reader) });
    case "llrp":
      return new LlrpReader({ ...base, time, identity: identityOf(seed, reader.id), firmware, tcpPort: llrpPort() });
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
