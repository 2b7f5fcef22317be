import { mkdtemp, rm, symlink, unlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Reader } from "@storeward/contracts";
import {
  AlienReader,
  type AntennaPort,
  MetratecReader,
  type SerialReaderOptions,
  TslReader,
} from "@storeward/reader-simulators";
import { createLogger, systemClock } from "@storeward/runtime";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ReaderEvent } from "../../src/readers/driver.js";
import { loadDriver } from "../../src/readers/index.js";
import { SkippingClock } from "./skipping-clock.js";

const log = createLogger("test", { level: "silent" });
const port: AntennaPort = {
  antennas: [1],
  region: "ETSI",
  turnMs: () => 50,
  connected: () => true,
  read: (_antenna, _power, from) => [{ epc: "3034257BF468D480000003EC", rssi: -50, at: from, channel: 1, phase: 0 }],
};
const options: SerialReaderOptions = { id: "r", port, clock: systemClock, log };
const readers = [
  new MetratecReader({ ...options, serial: "2020090817420000" }),
  new TslReader({ ...options, serial: "1128-EU-001234" }),
  new AlienReader(options),
];

const probe = new TslReader({ ...options, serial: "1128-EU-000000" });
await probe.start();
const available = probe.address.device?.startsWith("/dev/") ?? false;
await probe.stop();

let folder = "";
const open: { stop(): unknown }[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "storeward-line-"));
});
afterEach(async () => {
  for (const part of open.splice(0).reverse()) await part.stop();
  await rm(folder, { recursive: true, force: true });
});

describe.skipIf(!available)("a reader on a serial line (skipped where node-pty cannot open one)", () => {
  it.each(readers)("is blind when its plug is pulled, and watches when it is in again: $driver", async (device) => {
    // A USB adapter's name goes with it, and comes back for another device.
    const path = join(folder, "ttyUSB0");
    const plug = async () => {
      await device.start();
      await symlink(device.address.device ?? "", path);
    };
    const pull = async () => {
      await unlink(path);
      await device.stop();
    };
    await plug();
    const start = systemClock.mono();
    open.push(systemClock.every(10, () => device.tick(systemClock.mono() - start)));
    const clock = new SkippingClock();
    const events: ReaderEvent[] = [];
    const create = await loadDriver(device.driver);
    const driver = create({
      reader: {
        id: "r",
        agent: "a",
        region: "ETSI",
        antennas: [{ antenna: 1, power: 20 }],
        driver: device.driver,
        device: path,
      } as Reader,
      roles: new Map([[1, "shelf"]]),
      clock,
      log,
      onEvent: (event) => events.push(event),
    });
    open.push(driver);
    const states = () => events.flatMap((event) => (event.type === "coverage" ? [event.state] : []));
    const rounds = () => events.filter(({ type }) => type === "round").length;
    const until = (condition: () => boolean) =>
      expect
        .poll(
          () => {
            clock.skip(50);
            return condition();
          },
          { interval: 10 },
        )
        .toBe(true);

    await driver.start();
    await until(() => rounds() >= 2);
    await pull();
    await until(() => states().at(-1) === "blind");
    await until(() => /No such file|cannot open/.test(driver.health().error ?? ""));
    const before = rounds();
    await plug();
    await until(() => rounds() >= before + 2);
    expect(states()).toEqual(["watching", "blind", "watching"]);
    // Its lock is gone too: another program can open the line.
    await driver.stop();
    expect(clock.pending).toBe(0);
    await driver.start();
    await until(() => states().length === 5);
    await driver.stop();
    await pull();
  });
});
