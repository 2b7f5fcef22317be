import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { AgentStatus, topicOf } from "@storeward/contracts";
import { createLogger, isoMs, randomHex, systemClock, validator } from "@storeward/runtime";
import mqtt, { type MqttClient } from "mqtt";
import { afterAll, expect, it } from "vitest";
import { Agent } from "../src/agent.js";
import { loadAgentConfig } from "../src/config.js";
import { LogRing } from "../src/remote/log-ring.js";
import { AedesBroker } from "./brokers.js";
import { CloudClient } from "./cloud-client.js";
import { ModelCloud } from "./model-cloud.js";
import { Pen, plan } from "./pen.js";

const LEDGER = "5".repeat(32);
const dir = mkdtempSync(join(tmpdir(), "storeward-device-"));
afterAll(() => rmSync(dir, { recursive: true }));
const isStatus = validator(AgentStatus);

async function until(what: string, holds: () => boolean): Promise<void> {
  for (const end = Date.now() + 40_000; !holds(); await wait(20))
    if (Date.now() > end) throw new Error(`it never came to this: ${what}`);
}

it("a device hears what the cloud sets and asks, by a broker that retains it, and answers in its status and telemetry", async () => {
  const pen = new Pen();
  const broker = new AedesBroker();
  await broker.start();
  const model = new ModelCloud({ ledger: LEDGER, now: () => Date.now() });
  const cloud = new CloudClient(model);
  cloud.start(broker.port);
  const statuses: AgentStatus[] = [];
  const other: MqttClient = mqtt.connect(`mqtt://127.0.0.1:${broker.port}`, { protocolVersion: 4 });
  other.on("message", (_, payload) => {
    const read = isStatus(JSON.parse(payload.toString()));
    if (read.ok) statuses.push(read.value);
  });
  await other.subscribeAsync(topicOf("agent-1", "status"), { qos: 1 });
  const stamp = () => ({ v: 1, agent: "agent-1", issued: isoMs(Date.now()), expires: isoMs(Date.now() + 60_000) });
  // There before the device is: one antenna belongs to two read points.
  const [first] = plan().readPoints;
  const wrong = {
    ...stamp(),
    version: 9,
    configuration: plan(20, { readPoints: first ? [first, { ...first, id: "b" }] : [] }),
  };
  await other.publishAsync(topicOf("agent-1", "config"), pen.sign("config", wrong), { qos: 1, retain: true });

  writeFileSync(join(dir, "password"), "secret\n", { mode: 0o600 });
  const file = join(dir, "agent.yaml");
  const to = { url: `mqtt://127.0.0.1:${broker.port}`, username: "agent-1", passwordFile: "password", ledger: LEDGER };
  const own = { version: 3, agent: "agent-1", data: "data", cloud: { ...to, configKey: pen.publicKey }, ...plan() };
  writeFileSync(file, JSON.stringify({ ...own, status: { port: 0 } }));
  const settings = loadAgentConfig(file, {});
  const logs = new LogRing([settings.password]);
  const log = createLogger("test", { level: "info", write: () => undefined, also: (line) => logs.add(line) });
  const agent = new Agent({ settings, software: "test", logs, env: {}, clock: systemClock, log });
  await agent.start();
  try {
    await until("the refusal is told", () => statuses.at(-1)?.refused !== undefined);
    expect(statuses[0]).toMatchObject({ state: "online", config: 3 });
    expect(statuses.at(-1)).toMatchObject({ config: 3, refused: { version: 9, code: "CONFIG_INVALID" } });

    const id = randomHex(16);
    const ask = pen.sign("command", { ...stamp(), id, command: { do: "send-logs", lines: 20 } });
    const answers = () => cloud.telemetry.flatMap((telemetry) => telemetry.answers ?? []);
    await other.publishAsync(topicOf("agent-1", "command"), ask, { qos: 1 });
    await until("the answer", () => answers().length > 0);
    await other.publishAsync(topicOf("agent-1", "command"), ask, { qos: 1 });
    await wait(300);
    expect(answers()).toHaveLength(1);
    expect(answers()[0]).toMatchObject({ id, ok: true });
    expect(answers()[0]?.lines?.join("")).toContain("a configuration of the cloud is not taken");
    expect(answers()[0]?.lines?.join("")).not.toContain("secret");
    await until(
      "the problem is in telemetry",
      () => cloud.telemetry.at(-1)?.problems?.some(({ code }) => code === "CONFIG_INVALID") ?? false,
    );
    expect([...cloud.violations, ...model.violations]).toEqual([]);
  } finally {
    await agent.stop();
    await other.endAsync(true);
    await cloud.stop();
    await broker.kill();
  }
});
