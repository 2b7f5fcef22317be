import { spawn, spawnSync } from "node:child_process";
import { createLogger, ManualClock } from "@storeward/runtime";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { AntennaPort } from "../src/devices/antenna-port.js";
import { ImpinjIotReader, type ImpinjIotReaderOptions } from "../src/devices/impinj-iot/impinj-iot-reader.js";
import { EPCS } from "./bench-reader.js";

const clock = new ManualClock();
const unplugged = new Set<number>();
let now = 0;
let reader: ImpinjIotReader;
const streams: AbortController[] = [];

const port: AntennaPort = {
  antennas: [1, 2],
  region: "ETSI",
  turnMs: () => 100,
  connected: (antenna) => !unplugged.has(antenna),
  read: (antenna, power, from) =>
    antenna === 1
      ? EPCS.slice(0, 1).map((epc) => ({ epc, rssi: power - 70.25, at: from + 7, channel: 2, phase: 90 }))
      : [],
};

async function start(options: Partial<ImpinjIotReaderOptions> = {}): Promise<void> {
  const log = createLogger("test", { level: "silent" });
  const time = { now: () => now, utc: (at: number) => BigInt(Date.UTC(2026, 0, 1) + at) * 1000n };
  reader = new ImpinjIotReader({
    id: "r",
    port,
    time,
    clock,
    log,
    serial: "37021340047",
    firmware: "8",
    tcpPort: 0,
    ...options,
  });
  await reader.start();
}
beforeEach(async () => {
  now = 0;
  unplugged.clear();
  await start();
});
afterEach(async () => {
  for (const stream of streams.splice(0)) stream.abort();
  await reader.stop();
  await expect.poll(() => clock.pending).toBe(0);
});

const call = async (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) => {
  const response = await fetch(`${reader.address.url}/api/v1${path}`, {
    method,
    headers,
    ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, body: text === "" ? undefined : JSON.parse(text) };
};
const antenna = (changes = {}) => ({
  antennaPort: 1,
  transmitPowerCdbm: 2000,
  rfMode: 4,
  inventorySession: 1,
  inventorySearchMode: "dual-target",
  estimatedTagPopulation: 16,
  ...changes,
});
/** Lines of the stream as any client sees them. */
async function stream(): Promise<{ text(): string; lines(): Record<string, unknown>[] }> {
  const abort = new AbortController();
  streams.push(abort);
  const response = await fetch(`${reader.address.url}/api/v1/data/stream`, { signal: abort.signal });
  let received = "";
  void (async () => {
    for await (const chunk of response.body ?? []) received += Buffer.from(chunk as Uint8Array).toString();
  })().catch(() => undefined);
  const lines = () =>
    received
      .split("\n")
      .slice(0, -1)
      .filter((line) => line.trim() !== "")
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  return { text: () => received, lines };
}
const pass = (ms: number) => {
  now += ms;
  reader.tick(now);
};

describe("a simulated reader with Impinj's IoT Device Interface", () => {
  it("says what it is, how it is and what it takes", async () => {
    expect(await call("GET", "/status")).toEqual({
      status: 200,
      body: { status: "idle", time: "2026-01-01T00:00:00.000Z", serialNumber: "37021340047" },
    });
    expect((await call("GET", "/system")).body).toMatchObject({ productModel: "R700" });
    expect((await call("GET", "/system/region")).body).toMatchObject({ operatingRegion: "ETSI EN 302-208 v3.1.1" });
    const { body } = await call("GET", "/profiles/inventory/presets-schema");
    expect(body.properties.antennaConfigs.items.properties.transmitPowerCdbm).toMatchObject({ maximum: 3000 });
    expect((await call("GET", "/nothing")).status).toBe(404);
  });

  it("streams an event for every read of the inventory that it was told to start, with the properties asked for", async () => {
    const events = await stream();
    expect(
      await call("POST", "/profiles/inventory/start", { antennaConfigs: [antenna(), antenna({ antennaPort: 2 })] }),
    ).toEqual({
      status: 204,
      body: undefined,
    });
    pass(200);
    await expect.poll(() => events.lines().length).toBe(2);
    expect(events.lines()).toEqual([
      {
        timestamp: "2026-01-01T00:00:00.000Z",
        hostname: "impinj-340047",
        eventType: "inventoryStatus",
        inventoryStatusEvent: { status: "running" },
      },
      {
        timestamp: "2026-01-01T00:00:00.200Z",
        hostname: "impinj-340047",
        eventType: "tagInventory",
        tagInventoryEvent: {
          epc: Buffer.from(EPCS[0]!, "hex").toString("base64"),
          antennaPort: 1,
          transmitPowerCdbm: 2000,
          peakRssiCdbm: -5025,
          frequency: 866_300,
        },
      },
    ]);
    expect((await call("POST", "/profiles/inventory/start", { antennaConfigs: [antenna()] })).status).toBe(409);
    expect((await call("POST", "/profiles/stop")).status).toBe(204);
    pass(1_000);
    const eventConfig = {
      common: { hostname: "disabled" },
      tagInventory: {
        epc: "disabled",
        epcHex: "enabled",
        tidHex: "enabled",
        lastSeenTime: "enabled",
        frequency: "disabled",
      },
    };
    await call("POST", "/profiles/inventory/start", { antennaConfigs: [antenna({ fastId: "enabled" })], eventConfig });
    pass(100);
    await expect.poll(() => events.lines().length).toBe(5);
    expect(events.lines()[4]).toMatchObject({
      tagInventoryEvent: {
        epcHex: EPCS[0],
        tidHex: expect.stringMatching(/^E2/),
        lastSeenTime: "2026-01-01T00:00:01.207Z",
      },
    });
    expect(events.lines()[4]).not.toHaveProperty("hostname");
  });

  it.each([
    ["antennaPort", { antennaPort: 3 }],
    ["transmitPowerCdbm", { transmitPowerCdbm: 3300 }],
    ["transmitPowerCdbm", { transmitPowerCdbm: 2001 }],
    ["rfMode", { rfMode: 1000 }],
    ["inventorySession", { inventorySession: 4 }],
    ["inventorySearchMode", { inventorySearchMode: "none" }],
  ])("refuses a request with a wrong %s and names it", async (name, change) => {
    const answer = await call("POST", "/profiles/inventory/start", { antennaConfigs: [antenna(change)] });
    expect(answer).toMatchObject({ status: 400, body: { invalidPropertyId: name } });
    expect((await call("POST", "/profiles/inventory/start", "{")).status).toBe(400);
  });

  it("keeps a stream alive with empty lines as often as it is told", async () => {
    const events = await stream();
    await expect.poll(() => events.text()).toBe("\r\n");
    await call("PUT", "/http-stream", { keepAliveIntervalSeconds: 2 });
    await expect.poll(() => events.text()).toBe("\r\n\r\n");
    await clock.advance(6_000);
    await expect.poll(() => events.text()).toBe("\r\n".repeat(5));
    expect((await call("GET", "/http-stream")).body).toMatchObject({ keepAliveIntervalSeconds: 2 });
  });

  it("asks for its password where it has one", async () => {
    await reader.stop();
    await start({ password: "letmein" });
    const signedIn = { authorization: `Basic ${Buffer.from("root:letmein").toString("base64")}` };
    expect((await call("GET", "/status")).status).toBe(401);
    expect((await call("GET", "/status", undefined, signedIn)).status).toBe(200);
  });

  it("falls silent without closing, and hangs up", async () => {
    const events = await stream();
    await call("POST", "/profiles/inventory/start", { antennaConfigs: [antenna()] });
    await expect.poll(() => events.lines().length).toBe(1);
    reader.cut(true);
    pass(300);
    const asked = call("GET", "/status").catch(() => "closed");
    reader.rubbish("nothing");
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(events.lines()).toHaveLength(1);
    reader.cut(false);
    pass(100);
    await expect.poll(() => events.lines().length).toBe(2);
    reader.hangUp();
    expect(await asked).toBe("closed");
    expect(reader.status()).toMatchObject({ running: [1] });
    reader.reboot();
    expect(reader.status()).toMatchObject({ running: undefined });
  });

  it.skipIf(spawnSync("curl", ["--version"]).error !== undefined)("shows its events to curl", async () => {
    const curl = spawn("curl", ["-sN", `${reader.address.url}/api/v1/data/stream`]);
    let seen = "";
    curl.stdout.on("data", (chunk: Buffer) => {
      seen += chunk.toString();
    });
    await expect.poll(() => reader.status().clients).toBe(1);
    await call("POST", "/profiles/inventory/start", { antennaConfigs: [antenna()] });
    pass(100);
    await expect.poll(() => seen).toContain('"eventType":"tagInventory"');
    curl.kill();
  });
});
