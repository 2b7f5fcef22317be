import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { topicOf } from "@storeward/contracts";
import { connectAsync, type MqttClient } from "mqtt";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { folder, run, SITE } from "../testing.js";
import { aclFile, parsePasswordFile, passwordFile, passwordHash } from "./mosquitto.js";

describe("the files for Mosquitto", () => {
  it("keep a hash as long as the password is the same", () => {
    const hash = passwordHash("secret", undefined);
    expect(hash).toMatch(/^\$7\$101\$[A-Za-z0-9+/=]{16}\$[A-Za-z0-9+/=]{88}$/);
    expect(passwordHash("secret", hash)).toBe(hash);
    expect(passwordHash("other", hash)).not.toBe(hash);
    expect(passwordHash("secret", "$7$0$$")).not.toBe("$7$0$$");
    const file = new Map([
      ["cloud", hash],
      ["edge-1", passwordHash("x", undefined)],
    ]);
    expect(parsePasswordFile(passwordFile(file))).toEqual(file);
  });

  it("give an agent its eight topics and no pattern", () => {
    const [, , ...lines] = aclFile("cloud", ["foobar"]).split("user foobar\n")[1]!.split("\n");
    expect(lines.filter((line) => line.includes("+") || line.includes("#"))).toEqual([]);
    expect(aclFile("cloud", ["foobar"])).toContain("topic write rfid/v1/40/foobar/batch");
    expect(aclFile("cloud", ["foobar"])).toContain("topic read rfid/v1/40/foobar/ack");
  });
});

/** Debian puts the broker where only root's path leads. */
const env = { ...process.env, PATH: `${process.env.PATH ?? ""}:/usr/sbin` };
const MOSQUITTO = "mosquitto";
const installed = spawnSync(MOSQUITTO, ["-h"], { env }).error === undefined;
const required = process.env.STOREWARD_REQUIRE_SERVERS === "1";

describe.skipIf(!installed && !required)("behind a real Mosquitto (skipped where it is not installed)", () => {
  const dir = folder();
  const broker: { stop: () => Promise<void>; port: number } = { stop: async () => {}, port: 0 };
  const clients: MqttClient[] = [];

  beforeAll(async () => {
    const site = join(dir.path, "site.yaml");
    writeFileSync(site, SITE);
    expect(await run("site", "--site", site, "--out", join(dir.path, "out"))).toMatchObject({ code: 0 });
    broker.port = await freePort();
    const conf = join(dir.path, "mosquitto.conf");
    const files = join(dir.path, "out", "mosquitto");
    writeFileSync(
      conf,
      `listener ${broker.port} 127.0.0.1\nallow_anonymous false\npassword_file ${files}/passwd\nacl_file ${files}/acl\n${process.getuid?.() === 0 ? "user root\n" : ""}`,
    );
    const child = spawn(MOSQUITTO, ["-c", conf], { env, stdio: ["ignore", "pipe", "pipe"] });
    broker.stop = async () => {
      if (child.exitCode !== null) return;
      child.kill();
      await once(child, "exit");
    };
    let said = "";
    await new Promise<void>((ready, failed) => {
      child.once("exit", (code) => failed(new Error(`mosquitto exits ${code}: ${said}`)));
      child.once("error", failed);
      child.stderr.on("data", (chunk: Buffer) => {
        said += chunk.toString();
        if (said.includes(" running")) ready();
      });
    });
  });
  afterAll(async () => {
    for (const client of clients) await client.endAsync(true);
    await broker.stop();
    dir.remove();
  });

  async function connect(username: string, secret = username): Promise<MqttClient> {
    const path = secret === "cloud" ? ["cloud", "secrets", "broker-password"] : ["agents", secret, "password"];
    const password = readFileSync(join(dir.path, "out", ...path), "utf8").trim();
    const client = await connectAsync(`mqtt://127.0.0.1:${broker.port}`, {
      username,
      password,
      protocolVersion: 4,
      reconnectPeriod: 0,
    });
    clients.push(client);
    return client;
  }

  it("the passwords are right for their own users only", async () => {
    await connect("edge-1");
    await connect("cloud");
    await expect(connect("edge-2", "edge-1")).rejects.toThrow(/not authorized/i);
    await expect(connect("cloud", "edge-1")).rejects.toThrow(/not authorized/i);
  });

  it("an agent reaches its own topics only, and only the cloud writes what agents obey", async () => {
    const [cloud, one, two] = [await connect("cloud"), await connect("edge-1"), await connect("edge-2")];
    const heard = { cloud: [] as string[], one: [] as string[], two: [] as string[] };
    cloud.on("message", (topic) => heard.cloud.push(topic));
    one.on("message", (topic) => heard.one.push(topic));
    two.on("message", (topic) => heard.two.push(topic));
    for (const leaf of ["batch", "telemetry", "snapshot", "status", "reads"])
      await cloud.subscribeAsync(`rfid/v1/+/+/${leaf}`, { qos: 1 });
    // Mosquitto grants any subscription and judges each message.
    for (const client of [one, two]) await client.subscribeAsync("#", { qos: 1 });
    // QoS 1: what is not allowed is acknowledged and dropped, so the order of acknowledgements orders what was heard.
    const own = ["batch", "telemetry", "snapshot", "status", "reads"] as const;
    for (const leaf of own) await one.publishAsync(topicOf("edge-1", leaf), "x", { qos: 1 });
    for (const leaf of own) await one.publishAsync(topicOf("edge-2", leaf), "x", { qos: 1 });
    for (const leaf of ["ack", "config", "command"] as const) {
      await one.publishAsync(topicOf("edge-1", leaf), "forged", { qos: 1 });
      await two.publishAsync(topicOf("edge-1", leaf), "forged", { qos: 1 });
    }
    await one.publishAsync("rfid/v1/0/x/batch", "x", { qos: 1 });
    await one.publishAsync("other", "x", { qos: 1 });
    for (const leaf of ["ack", "config", "command"] as const)
      await cloud.publishAsync(topicOf("edge-1", leaf), "x", { qos: 1 });
    await cloud.publishAsync(topicOf("edge-2", "ack"), "last", { qos: 1 });
    await two.publishAsync(topicOf("edge-2", "batch"), "last", { qos: 1 });
    await expect.poll(() => heard.two.length + (heard.cloud.at(-1) === topicOf("edge-2", "batch") ? 1 : 0)).toBe(2);
    await expect.poll(() => heard.one.length).toBe(3);
    expect(heard.cloud).toEqual([...own.map((leaf) => topicOf("edge-1", leaf)), topicOf("edge-2", "batch")]);
    expect(heard.one).toEqual((["ack", "config", "command"] as const).map((leaf) => topicOf("edge-1", leaf)));
    expect(heard.two).toEqual([topicOf("edge-2", "ack")]);
  });
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}
