import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PARTITIONS, partitionOf, topicOf } from "@storeward/contracts";
import { createLogger, ManualClock } from "@storeward/runtime";
import mqtt, { type MqttClient } from "mqtt";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { hasMosquitto, Mosquitto } from "../../edge-agent/test/mosquitto.js";
import { CloudLink } from "../src/broker/index.js";
import { healthOf } from "../src/health.js";

const log = createLogger("test", { level: "silent" });
const ALL = "user cloud\ntopic readwrite #\nuser edge-1\ntopic readwrite #\nuser edge-2\ntopic readwrite #\n";
const MINUTE = 60_000;
/** An agent that says nothing for longer is not heard. */
const QUIET = 75_000;

describe.skipIf(!hasMosquitto)("a broker that carries nothing (skipped where Mosquitto is not installed)", () => {
  const folder = mkdtempSync(join(tmpdir(), "storeward-deaf-"));
  const rules = join(folder, "acl");
  const broker = new Mosquitto(folder, `acl_file ${rules}`);
  const clock = new ManualClock();
  const heard: string[] = [];
  const agents: MqttClient[] = [];
  let said = 0;
  const link = new CloudLink({
    url: () => `mqtt://127.0.0.1:${broker.port}`,
    username: "cloud",
    password: "",
    log,
    clock,
    onMessage: (agent, leaf, payload) => heard.push(`${agent} ${leaf} ${payload}`),
  });

  beforeAll(async () => {
    writeFileSync(rules, ALL, { mode: 0o600 });
    await broker.start();
    for (const username of ["edge-1", "edge-2"])
      agents.push(await mqtt.connectAsync(`mqtt://127.0.0.1:${broker.port}`, { username, protocolVersion: 4 }));
    link.hear(new Set(Array(PARTITIONS).keys()));
    await link.start();
  });
  afterAll(async () => {
    await link.stop();
    for (const agent of agents) agent.end(true);
    await broker.kill();
    rmSync(folder, { recursive: true, force: true });
  });

  const say = async (n: 1 | 2, leaf: "telemetry" | "status", text: string) => {
    const options = { qos: 1, retain: leaf === "status" } as const;
    await agents[n - 1]?.publishAsync(topicOf(`edge-${n}`, leaf), text, options);
    return `edge-${n} ${leaf} ${text}`;
  };
  const eventually = <T>(holds: () => T) => vi.waitFor(holds, { timeout: 40_000, interval: 10 });
  const hears = (what: string) => eventually(() => expect(heard).toContain(what));
  /** Puts rules in force: what the second agent says comes behind what the first has said. */
  const rule = async (text: string, firstIsHeard: boolean) => {
    writeFileSync(rules, text, { mode: 0o600 });
    broker.reload();
    await eventually(async () => {
      const first = await say(1, "telemetry", String(++said));
      await hears(await say(2, "telemetry", String(said)));
      expect(heard.includes(first)).toBe(firstIsHeard);
    });
  };
  const brokerPart = async () => {
    const parts = await healthOf({
      db: { query: async () => [], kysely: () => ({}) as never, trouble: undefined },
      clock,
      gateways: { list: async () => [] },
      link,
      runners: [],
      intake: { gauges: () => ({ waiting: 0, bytes: 0, dropped: 0 }) },
      seriesWriters: new Map(),
      leases: { gauges: () => ({ held: new Set(), others: 0 }) },
    });
    return parts.broker;
  };

  it("of one partition is told on the health page, and the connection is made anew until it carries again", async () => {
    const online = JSON.stringify({ v: 1, state: "online" });
    await hears(await say(1, "status", online));
    await hears(await say(2, "status", online));
    expect(link.unheard()).toBeUndefined();
    const deaf = partitionOf("edge-1");
    await rule(`${ALL.replace("user cloud\n", `user cloud\ntopic deny rfid/v1/${deaf}/#\n`)}`, false);
    await clock.advance(MINUTE);
    await hears(await say(2, "telemetry", "still there"));
    expect(await brokerPart()).toEqual({ status: "ok", detail: "connected" });
    await clock.advance(MINUTE / 2);
    // By the new connection nothing is heard of it either.
    await eventually(() => expect(link.unheard()).toMatchObject({ partitions: [deaf], agents: 1, isAll: false }));
    expect(await brokerPart()).toMatchObject({
      status: "degraded",
      detail: expect.stringContaining(`partitions ${deaf},`),
    });
    expect(link.hears).toBe(true);
    await rule(ALL, true);
    expect(link.unheard()).toBeUndefined();
  });

  it("of any is no hearing, unless the agents have said goodbye", async () => {
    await clock.advance(QUIET - 1_000);
    expect(link.hears).toBe(true);
    await clock.advance(2_000);
    expect(link.unheard()).toMatchObject({ agents: 2, isAll: true });
    expect(link.hears).toBe(false);
    await clock.advance(5_000);
    // The new connection hears what is kept.
    await eventually(() => expect(link.hears).toBe(true));
    for (const n of [1, 2] as const) await hears(await say(n, "status", JSON.stringify({ v: 1, state: "offline" })));
    await clock.advance(2 * MINUTE);
    expect(link.hears).toBe(true);
  });
});
