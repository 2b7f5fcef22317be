import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect as connectTcp, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { hash } from "@node-rs/argon2";
import { PARTITIONS, topicOf } from "@storeward/contracts";
import { createLogger } from "@storeward/runtime";
import fc from "fast-check";
import mqtt, { type MqttClient } from "mqtt";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { Accounts, CloudLink, EmbeddedBroker } from "./index.js";
import { PacketMeter } from "./packet-meter.js";

const log = createLogger("test", { level: "silent" });
const folder = mkdtempSync(join(tmpdir(), "storeward-broker-"));
const file = join(folder, "accounts.json");
const cheap = { memoryCost: 1024, timeCost: 1 };
let broker: EmbeddedBroker;
const clients: MqttClient[] = [];

beforeAll(async () => {
  const account = async (username: string, role: string) => ({
    username,
    role,
    passwordHash: await hash(`secret of ${username}`, cheap),
  });
  const accounts = await Promise.all([
    account("cloud", "cloud"),
    account("edge-1", "agent"),
    account("edge-2", "agent"),
  ]);
  writeFileSync(file, JSON.stringify({ accounts }));
  broker = new EmbeddedBroker({ host: "127.0.0.1", port: 0, accounts: new Accounts(file), log });
  await broker.start();
});
afterAll(async () => {
  for (const client of clients) client.end(true);
  await broker.stop();
  rmSync(folder, { recursive: true });
});

async function connected(username: string, options: mqtt.IClientOptions = {}): Promise<MqttClient> {
  const password = `secret of ${username}`;
  const client = await mqtt.connectAsync(broker.ownUrl, {
    username,
    password,
    protocolVersion: 4,
    reconnectPeriod: 0,
    ...options,
  });
  clients.push(client);
  return client;
}

function cloudLink(onMessage: (agent: string, leaf: string, payload: Buffer) => void): CloudLink {
  const link = new CloudLink({
    url: () => broker.ownUrl,
    username: "cloud",
    password: "secret of cloud",
    log,
    onMessage,
  });
  link.hear(new Set(Array(PARTITIONS).keys()));
  return link;
}

describe("the broker", () => {
  it("lets nobody in with a wrong password, without one, or unknown", async () => {
    for (const [username, password] of [
      ["edge-1", "secret of edge-2"],
      ["edge-1", ""],
      ["edge-9", "x"],
      ["", ""],
    ])
      await expect(connected(username!, { password: password! })).rejects.toThrow(/not authorized/i);
  });

  it("carries what an agent says to the cloud, and the answer to that agent alone", async () => {
    const heard: string[] = [];
    const link = cloudLink((agent, leaf, payload) => {
      heard.push(`${agent} ${leaf} ${payload}`);
      link.publish(agent, "ack", "taken");
    });
    await link.start();
    const [one, two] = [await connected("edge-1"), await connected("edge-2")];
    const answers: string[] = [];
    for (const [name, client] of [
      ["edge-1", one],
      ["edge-2", two],
    ] as const) {
      client.on("message", (topic, payload) => answers.push(`${name} ${topic} ${payload}`));
      await client.subscribeAsync(topicOf(name, "ack"), { qos: 1 });
    }
    await one.publishAsync(topicOf("edge-1", "batch"), "rows", { qos: 1 });
    await vi.waitFor(() => expect(answers).toEqual([`edge-1 ${topicOf("edge-1", "ack")} taken`]), 30_000);
    expect(heard).toEqual(["edge-1 batch rows"]);
    await link.stop();
  });

  it("lets an agent publish and hear on its own topics only, and nobody but the cloud say ack, config or command", async () => {
    const heard: string[] = [];
    const link = cloudLink((agent, leaf) => heard.push(`${agent} ${leaf}`));
    await link.start();
    for (const topic of [
      topicOf("edge-2", "batch"),
      topicOf("edge-1", "ack"),
      topicOf("edge-2", "command"),
      "$SYS/x",
      "other",
    ]) {
      const client = await connected("edge-1");
      const closed = new Promise<void>((resolve) => client.once("close", () => resolve()));
      client.publish(topic, "x", { qos: 1 });
      await closed;
    }
    const client = await connected("edge-1");
    for (const topic of [
      "#",
      "rfid/v1/#",
      topicOf("edge-2", "ack"),
      topicOf("edge-1", "batch"),
      "rfid/v1/+/edge-1/ack",
    ]) {
      const refused = await client.subscribeAsync(topic, { qos: 1 }).catch(() => "refused");
      if (refused !== "refused") expect(refused).toMatchObject([{ qos: 128 }]);
    }
    await client.publishAsync(topicOf("edge-1", "status"), "ok", { qos: 1 });
    await vi.waitFor(() => expect(heard).toContain("edge-1 status"), 30_000);
    expect(heard).toEqual(["edge-1 status"]);
    await link.stop();
  });

  it("does not let one account take another's connection over by its client id", async () => {
    const one = await connected("edge-1", { clientId: "same" });
    await connected("edge-2", { clientId: "same" });
    await one.publishAsync(topicOf("edge-1", "status"), "still here", { qos: 1 });
    expect(one.connected).toBe(true);
  });

  it("keeps an agent's last status for a cloud that comes later, and nothing else", async () => {
    const agent = await connected("edge-1");
    await agent.publishAsync(topicOf("edge-1", "status"), "kept", { qos: 1, retain: true });
    await agent.publishAsync(topicOf("edge-1", "batch"), "not kept", { qos: 1, retain: true });
    const heard: string[] = [];
    const link = cloudLink((_agent, leaf, payload) => heard.push(`${leaf} ${payload}`));
    await link.start();
    await vi.waitFor(() => expect(heard).toEqual(["status kept"]), 30_000);
    await link.stop();
  });

  it("carries what an agent says to a cloud that gave its partition up and has it back in the same moment", async () => {
    const agent = await connected("edge-1");
    await agent.publishAsync(topicOf("edge-1", "status"), "kept", { qos: 1, retain: true });
    const heard: string[] = [];
    const link = cloudLink((_agent, leaf, payload) => heard.push(`${leaf} ${payload}`));
    await link.start();
    await vi.waitFor(() => expect(heard).toEqual(["status kept"]), 30_000);
    link.hear(new Set());
    link.hear(new Set(Array(PARTITIONS).keys()));
    // What is kept comes behind each subscription.
    await vi.waitFor(() => expect(heard).toEqual(["status kept", "status kept"]), 30_000);
    await agent.publishAsync(topicOf("edge-1", "batch"), "rows", { qos: 1 });
    await vi.waitFor(() => expect(heard).toContain("batch rows"), 30_000);
    await link.stop();
  });

  it("cuts a peer that sends more than 16 KiB before it is known, and a packet of more than 256 KiB after", async () => {
    const cut = async (socket: Socket, bytes: Buffer) => {
      socket.on("error", () => undefined);
      const closed = new Promise<void>((resolve) => socket.once("close", () => resolve()));
      socket.write(bytes);
      await closed;
    };
    const connectPacket = Buffer.concat([Buffer.from([0x10, 0xff, 0xff, 0xff, 0x7f]), Buffer.alloc(20_000)]);
    await cut(connectTcp(broker.port, "127.0.0.1"), connectPacket);
    await cut(
      connectTcp(broker.port, "127.0.0.1"),
      Buffer.concat([Buffer.from([0x30, 0x80, 0x80, 0x02]), Buffer.alloc(17_000)]),
    );
    const agent = await connected("edge-1");
    await agent.publishAsync(topicOf("edge-1", "batch"), Buffer.alloc(200 * 1024), { qos: 1 });
    const closed = new Promise<void>((resolve) => agent.once("close", () => resolve()));
    agent.publish(topicOf("edge-1", "batch"), Buffer.alloc(300 * 1024), { qos: 1 });
    await closed;
  });

  it("names the options of a port that is taken", async () => {
    const taken = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => taken.once("listening", resolve));
    const address = taken.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const other = new EmbeddedBroker({ host: "127.0.0.1", port, accounts: new Accounts(file), log });
    await expect(other.start()).rejects.toThrow(/STOREWARD_MQTT_PORT.*broker\.port/);
    taken.close();
  });
});

describe("the meter of packets", () => {
  it("counts the same however the bytes are cut", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 400 })), fc.integer({ min: 1, max: 9 }), (lengths, step) => {
        const bytes = Buffer.concat(
          lengths.map((length) => Buffer.concat([header(length), Buffer.alloc(length, 0xff)])),
        );
        const meter = new PacketMeter({ unknownPeer: 1e9, packet: 300 });
        meter.accept();
        let wrong: string | undefined;
        for (let at = 0; at < bytes.length && wrong === undefined; at += step)
          wrong = meter.add(bytes.subarray(at, at + step));
        expect(wrong !== undefined).toBe(lengths.some((length) => length > 300));
      }),
    );
  });
});

function header(length: number): Buffer {
  return length < 128 ? Buffer.from([0x30, length]) : Buffer.from([0x30, (length & 0x7f) | 0x80, length >> 7]);
}
