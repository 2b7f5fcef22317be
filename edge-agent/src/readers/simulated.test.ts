import type { Reader } from "@storeward/contracts";
import { type AntennaPort, LlrpReader, MetratecReader } from "@storeward/reader-simulators";
import { createLogger, systemClock, type Timer } from "@storeward/runtime";
import { afterEach, describe, expect, it } from "vitest";
import type { AntennaRole, ReaderDriver, ReaderEvent } from "./driver.js";
import { loadDriver } from "./index.js";

const log = createLogger("test", { level: "silent" });
const EPCS = ["3034257BF468D480000003EC", "3034257BF468D480000003ED", "3034257BF468D480000003EE"];

/** Antennas before which three tags lie that are always read. */
const port: AntennaPort = {
  antennas: [1, 2],
  region: "ETSI",
  turnMs: () => 50,
  connected: () => true,
  read: (antenna, _power, from) =>
    EPCS.map((epc, index) => ({ epc, rssi: -50 - index - antenna, at: from + 5 + index, channel: 1, phase: 0 })),
};

const open: { stop(): Promise<void> | void }[] = [];
afterEach(async () => {
  for (const part of open.splice(0).reverse()) await part.stop();
});

/** Simulated time that goes with the real one. */
function tick(device: { tick(now: number): void }): () => number {
  const start = systemClock.mono();
  const now = () => systemClock.mono() - start;
  const timer: Timer = systemClock.every(10, () => device.tick(now()));
  open.push(timer);
  return now;
}

async function drive(reader: Reader, role: AntennaRole): Promise<{ driver: ReaderDriver; events: ReaderEvent[] }> {
  const events: ReaderEvent[] = [];
  const create = await loadDriver(reader.driver);
  const roles = new Map(reader.antennas.map(({ antenna }) => [antenna, role]));
  const driver = create({ reader, roles, clock: systemClock, log, onEvent: (event) => events.push(event) });
  open.push(driver);
  await driver.start();
  return { driver, events };
}

async function until(condition: () => boolean, what: string, ms = 40_000): Promise<void> {
  const limit = Date.now() + ms;
  while (!condition()) {
    if (Date.now() > limit) throw new Error(`timed out: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

const rounds = (events: readonly ReaderEvent[]) => events.filter(({ type }) => type === "round").length;
const states = (events: readonly ReaderEvent[]) =>
  events.flatMap((event) => (event.type === "coverage" ? [event.state] : []));
const tags = (events: readonly ReaderEvent[]) =>
  new Set(
    events.flatMap((event) =>
      event.type === "reads" ? event.reads.map(({ epc, antenna }) => `${epc} ${antenna}`) : [],
    ),
  );
const base = { agent: "a", region: "ETSI" as const, antennas: [1, 2].map((antenna) => ({ antenna, power: 20 })) };

async function llrp(role: AntennaRole) {
  let now = () => 0;
  const device = new LlrpReader({
    id: "r",
    port,
    time: { now: () => now(), utc: (at) => BigInt(Math.round(at * 1000)) },
    clock: systemClock,
    log,
    identity: new Uint8Array(8),
    firmware: "1",
    tcpPort: 0,
  });
  await device.start();
  open.push(device);
  now = tick(device);
  const { host = "", port: tcpPort = 0 } = device.address;
  return { device, ...(await drive({ ...base, id: "r", driver: "llrp", host, port: tcpPort }, role)) };
}

describe("drivers with simulated readers", () => {
  it("LLRP: reads a shelf by cycles", async () => {
    const { events } = await llrp("shelf");
    await until(() => rounds(events) >= 5, "five rounds");
    expect(tags(events).size).toBe(6);
    expect(states(events)).toEqual(["watching"]);
  });

  it("LLRP: what was read while the line was cut comes later and makes the time watched", async () => {
    const { device, events, driver } = await llrp("portal");
    await until(() => tags(events).size === 6, "all tags");
    device.cut(true);
    await until(() => states(events).at(-1) === "blind", "blind");
    device.cut(false);
    await until(() => states(events).at(-1) === "watching", "watching again");
    const coverage = events.filter((event) => event.type === "coverage");
    expect(events.some((event) => event.type === "reads" && event.held)).toBe(true);
    expect(coverage[2]!.since - coverage[1]!.since).toBeLessThan(1_000);
    expect(driver.health().counters).toMatchObject({ provisioned: 1 });
  }, 60_000);

  for (const tcp of [false, true])
    it(`metraTec: reads over ${tcp ? "TCP" : "a serial line"}, and again after the line was dead`, async () => {
      const device = new MetratecReader({ id: "m", port, clock: systemClock, log, serial: "2020090817420000", tcp });
      await device.start();
      open.push(device);
      tick(device);
      const { device: path = "" } = device.address;
      const { events, driver } = await drive({ ...base, id: "m", driver: "metratec", device: path }, "shelf");
      await until(() => rounds(events) >= 6, "six rounds");
      expect(tags(events).size).toBe(6);
      expect(driver.health()).toMatchObject({ state: "watching" });
      expect(driver.health().model).toMatch(/\w/);
      await driver.stop();
      const before = rounds(events);
      await driver.start();
      await until(() => rounds(events) >= before + 6, "rounds again");
    }, 30_000);
});
