import { type AntennaPort, LlrpReader, type LlrpReaderOptions } from "@storeward/reader-simulators";
import { createLogger, systemClock } from "@storeward/runtime";
import { open } from "./rig.js";

export const EPCS = ["3034257BF468D480000003EC", "3034257BF468D480000003ED"];

/** Two antennas before which two tags lie that are always read, with strengths that whole dBm cannot tell. */
const port: AntennaPort = {
  antennas: [1, 2],
  region: "ETSI",
  turnMs: () => 20,
  connected: () => true,
  read: (antenna, _power, from) =>
    EPCS.map((epc, index) => ({ epc, rssi: -50.25 - index - antenna, at: from + 1 + index, channel: 1, phase: 0 })),
};

/** A simulated reader whose time goes with the real one; stopped after the test. */
export async function simulated(options: Partial<LlrpReaderOptions> = {}): Promise<LlrpReader> {
  const start = systemClock.mono();
  const now = () => systemClock.mono() - start;
  const device = new LlrpReader({
    id: "r",
    port,
    time: { now, utc: (at) => BigInt(Math.round((start + at) * 1000)) },
    clock: systemClock,
    log: createLogger("test", { level: "silent" }),
    identity: Uint8Array.of(0xab, 0xcd),
    firmware: "1",
    tcpPort: 0,
    ...options,
  });
  await device.start();
  open.push(device);
  const time = options.time ?? { now };
  const timer = systemClock.every(10, () => device.tick(time.now()));
  open.push({ stop: async () => timer.stop() });
  return device;
}
