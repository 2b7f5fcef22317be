import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import type { Observation, Reader, ReadPoint } from "@storeward/contracts";
import { type AntennaPort, LlrpReader } from "@storeward/reader-simulators";
import { createLogger, systemClock } from "@storeward/runtime";
import { afterAll, afterEach, beforeEach, expect, it } from "vitest";
import { openJournal } from "../src/journal/sqlite-journal.js";
import type { EffectiveConfig } from "../src/remote/effective-config.js";
import { LogRing } from "../src/remote/log-ring.js";
import { Running } from "../src/running.js";

const log = createLogger("test", { level: "silent" });
const dir = mkdtempSync(join(tmpdir(), "storeward-running-"));
afterAll(() => rmSync(dir, { recursive: true }));
let files = 0;
let stops: (() => Promise<void> | void)[] = [];
beforeEach(() => {
  stops = [];
});
afterEach(async () => {
  for (const stop of stops.reverse()) await stop();
});

async function until(what: string, holds: () => boolean): Promise<void> {
  for (const end = Date.now() + 40_000; !holds(); await wait(20))
    if (Date.now() > end) throw new Error(`it never came to this: ${what}`);
}

/** Ten things that lie where they lie. */
const still: AntennaPort = {
  antennas: [1],
  region: "ETSI",
  turnMs: () => 50,
  connected: () => true,
  read: (_antenna, _power, from) =>
    Array.from({ length: 10 }, (_, i) => ({
      epc: `3034${String(i).padStart(20, "0")}`,
      rssi: -50,
      at: from + i,
      channel: 1,
      phase: 0,
    })),
};

/** A simulated reader over real TCP. */
async function startReader(id: string): Promise<number> {
  const time = { now: () => systemClock.mono(), utc: () => BigInt(Date.now()) * 1_000n };
  const identity = Uint8Array.from([0, 1, 2, 3, 4, 5, 6, 7]);
  const reader = new LlrpReader({
    id,
    port: still,
    time,
    clock: systemClock,
    log,
    identity,
    firmware: "1",
    tcpPort: 0,
  });
  await reader.start();
  const ticks = systemClock.every(25, () => reader.tick(time.now()));
  stops.push(async () => {
    ticks.stop();
    await reader.stop();
  });
  return reader.address.port ?? 0;
}

const readerOf = (id: string, port: number, power = 20): Reader => ({
  id,
  agent: "agent-1",
  region: "ETSI",
  driver: "llrp",
  host: "127.0.0.1",
  port,
  antennas: [{ antenna: 1, power }],
});
const shelf = (reader: string, id = `shelf-${reader}`): ReadPoint => ({
  id,
  role: "shelf",
  place: `board-${reader}`,
  antennas: [{ reader, antenna: 1 }],
});

function configOf(
  version: number,
  readers: Reader[],
  readPoints: ReadPoint[],
  prefixes: string[] = [],
): EffectiveConfig {
  const config = {
    version,
    agent: "agent-1",
    data: dir,
    cloud: { url: "mqtt://127.0.0.1:1", username: "agent-1", passwordFile: "p", ledger: "5".repeat(32) },
    epcFilter: { prefixes },
    readers,
    readPoints,
    journal: { maxBytes: 1e9 },
    status: { address: "127.0.0.1", port: 0 },
  };
  return { config, hash: `of ${version}` };
}

async function start(begin: EffectiveConfig) {
  let held = begin;
  const journal = openJournal({
    file: join(dir, `${files++}.db`),
    maxBytes: 1e9,
    get config() {
      return held.config.version;
    },
    clock: systemClock,
    log,
  });
  const running = new Running({
    begin,
    journal,
    clock: systemClock,
    log,
    onHeld: (next) => {
      held = next;
    },
    onKept: () => undefined,
  });
  await running.recorder.start();
  await running.drivers.start();
  stops.push(async () => {
    await running.drivers.stop();
    await running.recorder.stop();
    journal.close();
  });
  const rows = () => journal.read(0, 1e5, 1e9).map(({ body }) => JSON.parse(body) as Observation);
  const watching = () => [...running.readers().values()].every((reader) => reader.watching);
  return { running, journal, rows, watching };
}

it("a change of one reader leaves the other's link alone, and every row from `configured` on names the new version", async () => {
  const [one, two] = [await startReader("one"), await startReader("two")];
  const points = [shelf("one"), shelf("two")];
  const begin = configOf(3, [readerOf("one", one), readerOf("two", two)], points);
  const { running, rows, watching } = await start(begin);
  const counted = () => new Set(rows().flatMap((row) => (row.type === "inventoried" ? [row.readPoint] : [])));
  await until("both read", () => watching() && counted().size === 2);
  const since = (id: string) => running.drivers.all.get(id)?.health().since;
  const before = [since("one"), since("two")];

  await running.apply(configOf(4, [readerOf("one", one), readerOf("two", two, 25)], points));
  await until("both read again", watching);
  expect(since("one")).toBe(before[0]);
  expect(since("two")).not.toBe(before[1]);
  await until("the new power is journaled", () =>
    rows().some((row) => row.type === "coverage" && row.power?.includes(25)),
  );
  const all = rows();
  const at = all.findIndex((row) => row.type === "configured" && row.version === 4);
  expect(all[at]).toMatchObject({ hash: "of 4", config: 4 });
  expect(new Set(all.slice(0, at).map(({ config }) => config))).toEqual(new Set([3]));
  expect(new Set(all.slice(at).map(({ config }) => config))).toEqual(new Set([4]));
});

it("another EPC filter is in force without a link made anew; what is there stays there and does not arrive again", async () => {
  const port = await startReader("one");
  const { running, rows, watching } = await start(configOf(3, [readerOf("one", port)], [shelf("one")]));
  const arrivals = () => rows().filter(({ type }) => type === "arrived" || type === "inventoried");
  await until("what is there is known", () => watching() && rows().some(({ type }) => type === "inventoried"));
  await until("all of it", () => arrivals().length > 0);
  const known = rows().length;
  const since = running.drivers.all.get("one")?.health().since;

  await running.apply(configOf(4, [readerOf("one", port)], [shelf("one")], ["3034"]));
  await until("it is looked at again", () =>
    rows()
      .slice(known)
      .some(({ type }) => type === "inventoried"),
  );
  expect(running.drivers.all.get("one")?.health().since).toBe(since);
  const after = rows().slice(known);
  expect(after.filter(({ type }) => type === "departed")).toEqual([]);
  const blind = after.find((row) => row.type === "coverage" && row.state === "blind");
  expect(blind).toMatchObject({ why: "configuration 4" });
});

it("a read point that is no more is blind from then on, and what lay there has left", async () => {
  const port = await startReader("one");
  const { running, rows, watching } = await start(configOf(3, [readerOf("one", port)], [shelf("one", "old")]));
  await until("what is there is known", () => watching() && rows().some(({ type }) => type === "inventoried"));
  await until("kept", () => rows().length > 3);

  await running.apply(configOf(4, [readerOf("one", port)], [shelf("one", "new")]));
  await until("the new one is looked at", () =>
    rows().some((row) => row.type === "inventoried" && row.readPoint === "new"),
  );
  const coverage = rows().filter((row) => row.type === "coverage");
  const last = (readPoint: string) => coverage.findLast((row) => row.readPoint === readPoint)?.state;
  expect([last("old"), last("new")]).toEqual(["blind", "watching"]);
});

it("a change whose reader cannot be linked to rejects, and going back mends it", async () => {
  const port = await startReader("one");
  const begin = configOf(3, [readerOf("one", port)], [shelf("one")]);
  const { running, watching } = await start(begin);
  await until("it reads", watching);
  // Plain LLRP beyond this machine, and nobody wrote that it may be.
  const beyond = { ...readerOf("one", port), host: "192.0.2.1" };
  await expect(running.apply(configOf(4, [beyond], [shelf("one")]))).rejects.toThrow(/without TLS/);
  await running.apply(begin);
  await until("it reads again", () => running.readers().size === 1 && watching());
});

it("does what the cloud asks for, or says why it cannot", async () => {
  const port = await startReader("one");
  const { running, rows, watching } = await start(configOf(3, [readerOf("one", port)], [shelf("one")]));
  const logs = new LogRing([]);
  logs.add("a line");
  await expect(running.perform({ do: "inventory" }, logs)).rejects.toThrow(/sees nothing/);
  const inventories = () => rows().filter(({ type }) => type === "inventoried").length;
  await until("the first inventory", () => watching() && inventories() > 0);
  const before = inventories();
  expect((await running.perform({ do: "inventory", readPoint: "shelf-one" }, logs)).text).toMatch(/shelf-one/);
  await until("one more", () => inventories() > before);
  expect(rows().findLast((row) => row.type === "inventoried")).toMatchObject({ reason: "asked for" });
  const since = running.drivers.all.get("one")?.health().since;
  await running.perform({ do: "restart-driver", reader: "one" }, logs);
  await until("it reads again", watching);
  expect(running.drivers.all.get("one")?.health().since).not.toBe(since);
  await expect(running.perform({ do: "restart-driver", reader: "two" }, logs)).rejects.toThrow(/there are: one/);
  await expect(running.perform({ do: "inventory", readPoint: "no" }, logs)).rejects.toThrow(/no read point/);
  expect(await running.perform({ do: "send-logs", lines: 5 }, logs)).toEqual({ text: "1 lines", lines: ["a line"] });
});
