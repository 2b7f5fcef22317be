import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type SimulatedTruth, Site } from "@storeward/contracts";
import { createLogger, loadConfig, systemClock } from "@storeward/runtime";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Simulator, type SimulatorOptions } from "../src/simulator.js";
import { reportSpec, roSpec } from "./bench-reader.js";
import { LlrpClient } from "./llrp-client.js";

const site = join(import.meta.dirname, "../site");
let folder = "";
let running: Simulator[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "storeward-sim-"));
});
afterEach(async () => {
  for (const simulator of running) await simulator.stop();
  running = [];
  await rm(folder, { recursive: true, force: true });
});

const optionsOf = (changes: Partial<SimulatorOptions> = {}): SimulatorOptions => ({
  site: loadConfig(Site, join(site, "site.yaml")),
  itemsFile: join(site, "items.csv"),
  scenarioFile: join(site, "scenario.yaml"),
  seed: 5,
  pace: 1,
  stateFile: join(folder, "deep", "state.json"),
  readyFile: join(folder, "ready.json"),
  httpPort: 0,
  llrpPort: 0,
  tcpOnly: true,
  firmware: "test",
  clock: systemClock,
  log: createLogger("test", { level: "silent" }),
  ...changes,
});
const start = async (changes: Partial<SimulatorOptions> = {}) => {
  const simulator = new Simulator(optionsOf(changes));
  await simulator.start();
  running.push(simulator);
  return simulator;
};
const get = async <T>(simulator: Simulator, path: string) =>
  (await (await fetch(simulator.httpAddress + path)).json()) as T;
const post = (simulator: Simulator, path: string, body: unknown, headers: Record<string, string> = {}) =>
  fetch(simulator.httpAddress + path, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
  });

describe("the simulator", () => {
  it("says in its ready file where everything is, when everything listens", async () => {
    const simulator = await start();
    const ready = JSON.parse(await readFile(join(folder, "ready.json"), "utf8")) as Record<string, unknown>;
    expect(ready).toEqual({ http: simulator.httpAddress, readers: simulator.addresses });
    expect(Object.keys(simulator.addresses)).toEqual([
      "reader-storeroom-1",
      "reader-storeroom-2",
      "reader-shelf-a",
      "reader-cabinet-b",
    ]);
    expect(simulator.addresses["reader-cabinet-b"]?.device).toMatch(/^tcp:/);
    const truth = await get<SimulatedTruth>(simulator, "/truth");
    expect(truth.items.length).toBe(200);
  });

  it("serves serial readers of every kind, and lets them read what lies on a board", async () => {
    const demo = loadConfig(Site, join(site, "site.yaml"));
    const cabinet = demo.readers.find(({ id }) => id === "reader-cabinet-b");
    const antennas = cabinet?.antennas.slice(0, 1) ?? [];
    const base = { agent: "edge-theatre", region: "ETSI" as const, antennas, device: "/dev/ttyUSB1" };
    const readers: Site["readers"] = [
      ...demo.readers,
      { ...base, id: "tsl", driver: "tsl" },
      { ...base, id: "alien", driver: "alien" },
    ];
    const simulator = await start({ site: { ...demo, readers } });
    expect(Object.values(simulator.addresses).map(({ driver }) => driver)).toEqual(readers.map(({ driver }) => driver));
    const ask = async (id: string, text: string, answer: RegExp) => {
      const line = connect(Number(simulator.addresses[id]?.device?.split(":").at(-1)), "127.0.0.1");
      let heard = "";
      line.on("data", (data) => {
        heard += data.toString("latin1");
      });
      line.write(text);
      await expect.poll(() => heard, { timeout: 5_000 }).toMatch(answer);
      line.destroy();
    };
    await ask("reader-cabinet-b", "AT+INV\r", /\+INV: 3[04][0-9A-F]{22}\r/);
    await ask("tsl", ".iv -al off\r\n", /EP: 3[04][0-9A-F]{22}\r\n/);
    await ask("alien", "alien\r\npassword\r\nget TagList\r\n", /Tag:3[04][0-9A-F]{2}( [0-9A-F]{4}){5}, /);
  });

  it("gives readers with an IoT interface the same field of radio, and waits for the broker of one", async () => {
    const options = optionsOf();
    const readers = options.site.readers.map((reader) => {
      const { id, agent, region, antennas } = reader;
      const base = { id, agent, region, antennas };
      if (id === "reader-shelf-a") return { ...base, driver: "impinj-iot" as const, url: "http://127.0.0.1" };
      if (id === "reader-cabinet-b")
        return { ...base, driver: "zebra-iot" as const, url: "mqtt://127.0.0.1:1", serial: "FX" };
      return reader;
    });
    const simulator = await start({ site: { ...options.site, readers } });
    const { url } = simulator.addresses["reader-shelf-a"] ?? {};
    expect(simulator.addresses["reader-cabinet-b"]).toEqual({ driver: "zebra-iot", url: "mqtt://127.0.0.1:1" });
    const antenna = (antennaPort: number) => ({
      antennaPort,
      transmitPowerCdbm: 2500,
      rfMode: 4,
      inventorySession: 2,
      inventorySearchMode: "dual-target",
      estimatedTagPopulation: 64,
    });
    await fetch(`${url}/api/v1/profiles/inventory/start`, {
      method: "POST",
      body: JSON.stringify({ antennaConfigs: [antenna(1), antenna(2)] }),
    });
    const abort = new AbortController();
    const stream = await fetch(`${url}/api/v1/data/stream`, { signal: abort.signal });
    let seen = "";
    for await (const chunk of stream.body ?? []) {
      seen += Buffer.from(chunk as Uint8Array).toString();
      if (seen.split("tagInventoryEvent").length > 5) break;
    }
    abort.abort();
    expect(seen).toMatch(/"peakRssiCdbm":-\d{4},"frequency":86\d{4}/);
  });

  it("lets a shelf's reader read what lies on it, in real time and by the clock on the wall", async () => {
    const simulator = await start();
    const client = await LlrpClient.open(simulator.addresses["reader-shelf-a"]?.port ?? 0);
    const RFTransmitter = { HopTableID: 0, ChannelIndex: 1, TransmitPower: 41 };
    await client.ask(
      {
        type: "SET_READER_CONFIG",
        ResetToFactoryDefault: false,
        AntennaConfiguration: [{ AntennaID: 0, RFTransmitter }],
      },
      "SET_READER_CONFIG_RESPONSE",
    );
    await client.ask({ type: "ADD_ROSPEC", ROSpec: roSpec({ ROReportSpec: reportSpec(1, 1) }) }, "ADD_ROSPEC_RESPONSE");
    await client.ask({ type: "ENABLE_ROSPEC", ROSpecID: 1 }, "ENABLE_ROSPEC_RESPONSE");
    const { TagReportData: [tag] = [] } = await client.take("RO_ACCESS_REPORT");
    const seen = Number(tag!.LastSeenTimestampUTC!.Microseconds / 1000n);
    expect(Math.abs(Date.now() - seen)).toBeLessThan(2000);
    client.end();
  });

  it("goes on where it was when it is started again", async () => {
    const first = await start();
    const { items } = await get<SimulatedTruth>(first, "/truth");
    const [pump] = items.filter((item) => item.epc.startsWith("34"));
    expect((await post(first, "/carry", { epc: pump?.epc, to: "or-1" })).status).toBe(202);
    await new Promise((resolve) => setTimeout(resolve, 300));
    await first.stop();
    running = [];
    const before = JSON.parse(await readFile(join(folder, "deep", "state.json"), "utf8")) as { step: number };
    expect(before.step).toBeGreaterThan(2);
    const second = await start();
    const after = await get<SimulatedTruth>(second, "/truth");
    for (const [index, item] of after.items.entries()) {
      if (!item.carried) expect(item.since).toBe(items[index]?.since);
    }
  });

  it("refuses a state that is not its own, and leaves it alone", async () => {
    const stateFile = join(folder, "state.json");
    await writeFile(stateFile, '{"version":1,"seed":6,"things":[],"people":[]}');
    await expect(new Simulator(optionsOf({ stateFile })).start()).rejects.toThrow(/seed 6, not 5/);
    await writeFile(stateFile, "half a fi");
    await expect(new Simulator(optionsOf({ stateFile })).start()).rejects.toThrow(/not JSON/);
    expect(await readFile(stateFile, "utf8")).toBe("half a fi");
  });

  it("names the option when a port is taken, and leaves nothing listening", async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
    const { port } = other.address() as { port: number };
    await expect(new Simulator(optionsOf({ httpPort: port })).start()).rejects.toThrow(/--http/);
    await expect(new Simulator(optionsOf({ llrpPort: port })).start()).rejects.toThrow(/--llrp-port/);
    await new Promise((resolve) => other.close(resolve));
    await start({ httpPort: port });
  });

  it("cuts a reader's line for a while, and pulls an antenna's cable", async () => {
    const simulator = await start();
    const port = simulator.addresses["reader-storeroom-1"]?.port ?? 0;
    const client = await LlrpClient.open(port);
    expect((await post(simulator, "/readers/reader-storeroom-1/outage", { seconds: 0.3 })).status).toBe(202);
    await client.closed();
    await expect
      .poll(async () => {
        const again = await LlrpClient.connect(port);
        const greeted = await again.take("READER_EVENT_NOTIFICATION").then(
          () => true,
          () => false,
        );
        again.end();
        return greeted;
      })
      .toBe(true);
    expect((await post(simulator, "/readers/reader-cabinet-b/antenna", { antenna: 1, connected: false })).status).toBe(
      202,
    );
  });

  it("answers what is wrong with a request as problem details, and is for this machine only", async () => {
    const simulator = await start();
    const [item] = (await get<SimulatedTruth>(simulator, "/truth")).items;
    const codeOf = async (response: Response) => [response.status, ((await response.json()) as { code: string }).code];
    expect(await codeOf(await post(simulator, "/carry", { epc: "00", to: "or-1" }))).toEqual([404, "THING_UNKNOWN"]);
    expect(await codeOf(await post(simulator, "/carry", { epc: item?.epc, to: "moon" }))).toEqual([
      400,
      "PLACE_UNKNOWN",
    ]);
    expect(await codeOf(await post(simulator, "/park", { epc: item?.epc, readPoint: "x" }))).toEqual([
      404,
      "PORTAL_UNKNOWN",
    ]);
    expect(await codeOf(await post(simulator, "/carry", []))).toEqual([400, "REQUEST_INVALID"]);
    expect(await codeOf(await post(simulator, "/carry", {}, { "content-type": "text/plain" }))).toEqual([
      400,
      "REQUEST_INVALID",
    ]);
    expect(await codeOf(await post(simulator, "/readers/x/outage", { seconds: 1 }))).toEqual([404, "NOT_FOUND"]);
    expect(await codeOf(await post(simulator, "/readers/reader-shelf-a/outage", { seconds: -1 }))).toEqual([
      400,
      "REQUEST_INVALID",
    ]);
    expect(await codeOf(await fetch(`${simulator.httpAddress}/nothing`))).toEqual([404, "NOT_FOUND"]);
    expect((await fetch(`${simulator.httpAddress}/truth`.replace("127.0.0.1", "localhost"))).status).toBe(200);
    expect((await get<{ unlisted: unknown[]; faulty: unknown[] }>(simulator, "/status")).unlisted.length).toBe(4);
  });
});
