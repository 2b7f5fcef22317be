import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import type { Observation } from "@storeward/contracts";
import { LlrpReader } from "@storeward/reader-simulators";
import { createLogger, systemClock } from "@storeward/runtime";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadAgentConfig } from "../src/config.js";
import { openJournal } from "../src/journal/sqlite-journal.js";
import { Uplink } from "../src/uplink/uplink.js";
import { AedesBroker, type Broker, findMosquitto, MosquittoBroker } from "./brokers.js";
import { CloudClient } from "./cloud-client.js";
import { type Compiled, compileAgent } from "./compiled.js";
import { Crowd } from "./crowd.js";
import { ModelCloud } from "./model-cloud.js";

const LEDGER = "5".repeat(32);
const log = createLogger("test", { level: "silent" });
const root = mkdtempSync(join(tmpdir(), "storeward-agent-"));
const mosquitto = findMosquitto();
const required = process.env.STOREWARD_REQUIRE_SERVERS === "1";
const children = new Set<ChildProcess>();
let compiled: Compiled;

beforeAll(() => {
  compiled = compileAgent();
});
afterAll(() => {
  for (const child of children) child.kill("SIGKILL");
  compiled.remove();
  rmSync(root, { recursive: true, force: true });
});

async function until(what: string, holds: () => boolean, seconds = 60): Promise<void> {
  for (const end = Date.now() + seconds * 1_000; !holds(); await wait(20))
    if (Date.now() > end) throw new Error(`it never came to this: ${what}`);
}

/** The agent's own process. */
function startAgent(config: string): ChildProcess {
  const child = spawn(process.execPath, [join(compiled.agent, "src", "main.js"), "--config", config], {
    stdio: ["ignore", "ignore", "inherit"],
    env: { ...process.env, STOREWARD_LOG_LEVEL: "silent" },
  });
  children.add(child);
  child.once("exit", () => children.delete(child));
  return child;
}

async function end(child: ChildProcess, signal: "SIGKILL" | "SIGTERM"): Promise<number | null> {
  child.kill(signal);
  const [code] = (await once(child, "exit")) as [number | null];
  return code;
}

/** A simulated reader over real TCP, whose time goes by the machine's. */
async function startReader(): Promise<{ port: number; stop: () => Promise<void> }> {
  const time = { now: () => systemClock.mono(), utc: () => BigInt(Date.now()) * 1_000n };
  const identity = Uint8Array.from([0, 1, 2, 3, 4, 5, 6, 7]);
  const port = new Crowd();
  const reader = new LlrpReader({ id: "r1", port, time, clock: systemClock, log, identity, firmware: "1", tcpPort: 0 });
  await reader.start();
  const ticks = systemClock.every(25, () => reader.tick(time.now()));
  const stop = async () => {
    ticks.stop();
    await reader.stop();
  };
  return { port: reader.address.port!, stop };
}

function writeConfig(dir: string, reader: number, broker: number): string {
  mkdirSync(dir, { recursive: true });
  writeFileSync(join(dir, "password"), "secret\n", { mode: 0o600 });
  const antennas = [1, 2].map((antenna) => ({ antenna, power: 25 }));
  const shelf = (antenna: number) => ({
    id: `shelf-${antenna}`,
    role: "shelf",
    place: `board-${antenna}`,
    antennas: [{ reader: "r1", antenna }],
  });
  const config = {
    version: 3,
    agent: "agent-1",
    data: "data",
    cloud: { url: `mqtt://127.0.0.1:${broker}`, username: "agent-1", passwordFile: "password", ledger: LEDGER },
    readers: [
      { id: "r1", agent: "agent-1", region: "ETSI", driver: "llrp", host: "127.0.0.1", port: reader, antennas },
    ],
    readPoints: [shelf(1), shelf(2)],
    status: { port: 0 },
  };
  const file = join(dir, "agent.yaml");
  writeFileSync(file, JSON.stringify(config));
  return file;
}

/** Hands over what the last process wrote while it was stopping, without observing anything more. */
async function deliverRest(file: string, cloud: ModelCloud): Promise<Map<number, string>> {
  const { config, password, ca } = loadAgentConfig(file);
  const options = { file: join(config.data, "journal.db"), maxBytes: 1e9, config: config.version };
  const journal = openJournal({ ...options, clock: systemClock, log });
  const through = () => systemClock.mono();
  const who = { config, password, ca, hardware: "test", software: "test" };
  const uplink = new Uplink({
    ...who,
    journal,
    through,
    coverage: () => [],
    onClock: () => undefined,
    clock: systemClock,
    log,
  });
  await uplink.start();
  await until("the rest is delivered", () => cloud.epoch(journal.epoch).committed === journal.stats().head);
  const rows = new Map(journal.read(0, 1e6, 1e9).map(({ seq, body }) => [seq, body]));
  await uplink.stop();
  journal.close();
  return rows;
}

describe.each([
  { name: "aedes", skip: false, make: (): Broker => new AedesBroker() },
  {
    name: "Mosquitto (skipped where it is not installed)",
    skip: mosquitto === undefined && !required,
    make: (dir: string): Broker => new MosquittoBroker(mosquitto ?? "mosquitto", dir),
  },
])("an agent behind $name", ({ name, skip, make }) => {
  it.skipIf(skip)(
    "gives the cloud every row once, though it is killed and the broker falls over",
    async () => {
      const dir = join(root, name.slice(0, 5));
      mkdirSync(dir, { recursive: true });
      const reader = await startReader();
      const broker = make(dir);
      await broker.start();
      const cloud = new ModelCloud({ ledger: LEDGER, now: () => Date.now() });
      const client = new CloudClient(cloud);
      client.start(broker.port);
      const config = writeConfig(join(dir, "agent"), reader.port, broker.port);
      const committed = () => Math.max(0, ...[...cloud.epochs.values()].map((epoch) => epoch.committed));
      const more = (rows: number) => {
        const target = committed() + rows;
        return until(`${rows} more rows`, () => committed() >= target);
      };
      try {
        // The broker is away when the agent starts: it journals, and connects later.
        await broker.kill();
        let agent = startAgent(config);
        await wait(1_000);
        await broker.start();
        await more(20);
        for (let round = 0; round < 2; round++) {
          expect(await end(agent, "SIGKILL")).toBeNull();
          agent = startAgent(config);
          await more(15);
          await broker.kill();
          await wait(700);
          await broker.start();
          await more(15);
        }
        await until("telemetry", () => client.telemetry.some(({ readers }) => readers[0]?.state === "watching"));
        expect(await end(agent, "SIGTERM")).toBe(0);
        const journaled = await deliverRest(config, cloud);

        const [epoch, ...others] = [...cloud.epochs.values()];
        expect(others).toEqual([]);
        expect([...epoch!.rows]).toEqual([...journaled]);
        expect(epoch!.lost).toEqual([]);
        expect([...cloud.violations, ...client.violations]).toEqual([]);
        expect(client.statuses).toContain("offline");
        const types = new Set([...journaled.values()].map((body) => (JSON.parse(body) as Observation).type));
        expect([...types]).toEqual(expect.arrayContaining(["configured", "clock", "coverage", "arrived"]));
        // A crash does not configure the agent anew.
        expect([...journaled.values()].filter((body) => body.startsWith('{"type":"configured"'))).toHaveLength(1);
      } finally {
        await client.stop();
        await broker.kill();
        await reader.stop();
      }
    },
    120_000,
  );
});
