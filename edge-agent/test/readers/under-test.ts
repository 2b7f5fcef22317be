import { type Reader, type ZebraIotReader as ZebraConfig, zebraTopics } from "@storeward/contracts";
import {
  AlienReader,
  type AntennaPort,
  ImpinjIotReader,
  LlrpReader,
  MetratecReader,
  type SerialReaderOptions,
  TslReader,
  ZebraIotReader,
} from "@storeward/reader-simulators";
import { createLogger, systemClock } from "@storeward/runtime";
import { connectAsync } from "mqtt";
import { AedesBroker } from "../brokers.js";
import type { ReaderRig, ReaderUnderTest } from "../driver-bench.js";
import { TamperedLine } from "./tampered-line.js";

const log = createLogger("test", { level: "silent" });

/** A simulated reader that listens on TCP. */
interface Listening {
  readonly address: { readonly port?: number; readonly device?: string; readonly url?: string };
  start(): Promise<void>;
  stop(): Promise<void>;
  tick(now: number): void;
}

interface TcpReader extends Omit<ReaderUnderTest, "start"> {
  make(field: AntennaPort, now: () => number): Listening;
  /** The configuration, with the address behind which the reader stands. */
  configure(base: Pick<Reader, "id" | "agent" | "region" | "antennas">, port: number): Reader;
}

/** A reader under test that listens on TCP, with a line before it to tamper with. */
export function overTcp({ make, configure, ...under }: TcpReader): ReaderUnderTest {
  return {
    ...under,
    start: async (field) => {
      const start = systemClock.mono();
      const now = () => systemClock.mono() - start;
      const device = make(field, now);
      await device.start();
      const ticks = systemClock.every(10, () => device.tick(now()));
      const { port, device: path, url } = device.address;
      const line = new TamperedLine(port ?? Number((path ?? url)?.split(":").at(-1)));
      await line.start();
      const antennas = under.antennas.map((antenna) => ({ antenna, power: 20 }));
      return {
        reader: configure({ id: "r", agent: "a", region: "ETSI", antennas }, line.port),
        get connections() {
          return line.connections;
        },
        get connected() {
          return line.connected;
        },
        takeDown: () => line.stop(),
        bringUp: () => line.start(),
        silence: (silent) => line.silence(silent),
        say: (bytes) => line.say(bytes),
        stop: async () => {
          ticks.stop();
          await line.stop();
          await device.stop();
        },
      } satisfies ReaderRig;
    },
  };
}

const serial = (port: AntennaPort): SerialReaderOptions => ({ id: "r", port, clock: systemClock, log, tcp: true });
const device = (port: number) => `tcp://127.0.0.1:${port}`;

export const llrp = overTcp({
  name: "llrp",
  watchMs: 25_000,
  antennas: [1, 2],
  make: (port, now) =>
    new LlrpReader({
      id: "r",
      port,
      time: { now, utc: (at) => BigInt(Math.round(at * 1000)) },
      clock: systemClock,
      log,
      identity: new Uint8Array(8),
      firmware: "1",
      tcpPort: 0,
    }),
  configure: (base, port) => ({ ...base, driver: "llrp", host: "127.0.0.1", port }),
});

export const metratec = overTcp({
  name: "metratec",
  watchMs: 22_500,
  antennas: [1, 2],
  make: (port) => new MetratecReader({ ...serial(port), serial: "2020090817420000" }),
  configure: (base, port) => ({ ...base, driver: "metratec", device: device(port) }),
});

export const tsl = overTcp({
  name: "tsl",
  watchMs: 10_500,
  antennas: [1],
  make: (port) => new TslReader({ ...serial(port), serial: "1128-EU-001234" }),
  configure: (base, port) => ({ ...base, driver: "tsl", device: device(port) }),
});

export const alien = overTcp({
  name: "alien",
  watchMs: 10_500,
  antennas: [1, 2],
  make: (port) => new AlienReader({ ...serial(port), login: { username: "alien", password: "password" } }),
  configure: (base, port) => ({ ...base, driver: "alien", device: device(port) }),
});

export const impinjIot = overTcp({
  name: "impinj-iot",
  watchMs: 30_000,
  antennas: [1, 2],
  make: (port, now) =>
    new ImpinjIotReader({
      id: "r",
      port,
      time: { now, utc: (at) => BigInt(Math.round(at * 1000)) },
      clock: systemClock,
      log,
      serial: "37021340047",
      firmware: "8.2.0.240",
      tcpPort: 0,
    }),
  configure: (base, port) => ({ ...base, driver: "impinj-iot", url: `http://127.0.0.1:${port}` }),
});

/** How many times faster than time its rounds pass: they are of two seconds. */
const ZEBRA_PACE = 5;

/** Behind a broker, and the line is the one to the broker: it can go away, fall silent, and carry what is no message of a reader. */
export const zebraIot: ReaderUnderTest = {
  name: "zebra-iot",
  watchMs: 16_000,
  pace: ZEBRA_PACE,
  antennas: [1, 2],
  start: async (port) => {
    const broker = new AedesBroker();
    await broker.start();
    const line = new TamperedLine(broker.port);
    await line.start();
    const reader: ZebraConfig = {
      id: "r",
      agent: "a",
      region: "ETSI",
      driver: "zebra-iot",
      url: `mqtt://127.0.0.1:${line.port}`,
      serial: "FX9600F0F4B5",
      antennas: [1, 2].map((antenna) => ({ antenna, power: 20 })),
    };
    const topics = zebraTopics(reader);
    const start = systemClock.mono();
    const now = () => (systemClock.mono() - start) * ZEBRA_PACE;
    const device = new ZebraIotReader({
      id: "r",
      port,
      time: { now, utc: (at) => BigInt(Math.round(at * 1000)) },
      clock: systemClock,
      log,
      serial: "84248dee5721",
      firmware: "3.28.18.0",
      broker: `mqtt://127.0.0.1:${broker.port}`,
      topics,
      heartbeatSeconds: 0,
    });
    await device.start();
    const ticks = systemClock.every(10, () => device.tick(now()));
    const voice = await connectAsync(`mqtt://127.0.0.1:${broker.port}`, { protocolVersion: 4, reconnectPeriod: 0 });
    return {
      reader,
      get connections() {
        return line.connections;
      },
      get connected() {
        return line.connected;
      },
      takeDown: () => line.stop(),
      bringUp: () => line.start(),
      silence: (silent) => line.silence(silent),
      say: async (bytes) => {
        await voice.publishAsync(topics.data, Buffer.from(bytes));
      },
      stop: async () => {
        ticks.stop();
        await voice.endAsync(true);
        await device.stop();
        await line.stop();
        await broker.kill();
      },
    } satisfies ReaderRig;
  },
};
