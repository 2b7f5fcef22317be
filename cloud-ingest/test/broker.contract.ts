import { AGENT_TOPICS, partitionOf, topicOf } from "@storeward/contracts";
import { createLogger } from "@storeward/runtime";
import mqtt, { type MqttClient } from "mqtt";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import type { Broker } from "../../edge-agent/test/brokers.js";
import { CloudLink } from "../src/broker/index.js";

const log = createLogger("test", { level: "silent" });
const [one, two] = ["edge-1", "edge-2"] as const;
const PASSWORD = "secret";

/** What every broker must hold for the cloud's link. `make` gives one that knows the accounts cloud, edge-1 and edge-2. */
export function brokerContract(make: (password: string) => Promise<Broker>): void {
  let broker: Broker;
  const clients: MqttClient[] = [];
  const links: CloudLink[] = [];

  beforeAll(async () => {
    expect(partitionOf(one)).not.toBe(partitionOf(two));
    broker = await make(PASSWORD);
    await broker.start();
  });
  afterAll(async () => {
    for (const link of links) await link.stop();
    for (const client of clients) await client.endAsync(true);
    await broker.kill();
  });

  const url = () => `mqtt://127.0.0.1:${broker.port}`;

  async function agent(username: string): Promise<MqttClient> {
    const options = { username, password: PASSWORD, protocolVersion: 4, reconnectPeriod: 50 } as const;
    const client = await mqtt.connectAsync(url(), options);
    clients.push(client);
    return client;
  }

  /** A link and what it hears; what the broker had kept is marked. */
  async function link(...partitions: number[]): Promise<{ link: CloudLink; heard: string[] }> {
    const heard: string[] = [];
    const made = new CloudLink({
      url,
      username: "cloud",
      password: PASSWORD,
      log,
      onMessage: (name, leaf, payload, retained) =>
        void heard.push(`${name} ${leaf} ${payload}${retained ? " (kept)" : ""}`),
    });
    made.hear(new Set(partitions));
    await made.start();
    links.push(made);
    return { link: made, heard };
  }

  const say = (client: MqttClient, name: string, text: string) =>
    client.publishAsync(topicOf(name, "batch"), text, { qos: 1 });

  describe("the cloud's link", () => {
    it("hears what agents of its partitions publish, on every topic of theirs, and no other agent", async () => {
      const { heard } = await link(partitionOf(one));
      const [first, second] = [await agent(one), await agent(two)];
      for (const leaf of AGENT_TOPICS) {
        await second.publishAsync(topicOf(two, leaf), leaf, { qos: 1 });
        await first.publishAsync(topicOf(one, leaf), leaf, { qos: 1 });
      }
      await vi.waitFor(() => expect(heard).toHaveLength(AGENT_TOPICS.length), { timeout: 20_000 });
      expect(heard).toEqual(AGENT_TOPICS.map((leaf) => `${one} ${leaf} ${leaf}`));
    });

    it("hears from a partition that it takes who is connected, and then everything; and nothing more from one that it gave", async () => {
      const [first, second] = [await agent(one), await agent(two)];
      await second.publishAsync(topicOf(two, "status"), "online", { qos: 1, retain: true });
      const { link: mine, heard } = await link(partitionOf(one));
      await say(first, one, "before");
      await vi.waitFor(() => expect(heard).toEqual([`${one} batch before`]), { timeout: 20_000 });
      mine.hear(new Set([partitionOf(two)]));
      await vi.waitFor(() => expect(heard).toContain(`${two} status online (kept)`), { timeout: 20_000 });
      await say(first, one, "after");
      await say(second, two, "after");
      await vi.waitFor(() => expect(heard).toContain(`${two} batch after`), { timeout: 20_000 });
      expect(heard).not.toContain(`${one} batch after`);
    });

    it("answers an agent whoever hears it, and that agent alone", async () => {
      const answers: string[] = [];
      for (const name of [one, two]) {
        const client = await agent(name);
        client.on("message", (topic, payload) => void answers.push(`${topic} ${payload}`));
        await client.subscribeAsync(topicOf(name, "ack"), { qos: 1 });
      }
      const { link: mine } = await link();
      mine.publish(one, "ack", "taken");
      mine.publish(two, "ack", "taken too");
      await vi.waitFor(() => expect(answers).toHaveLength(2), { timeout: 20_000 });
      expect(answers.sort()).toEqual([`${topicOf(one, "ack")} taken`, `${topicOf(two, "ack")} taken too`].sort());
    });

    it("hears its partitions again after the broker was killed, and keeps nothing for later meanwhile", async () => {
      const { link: mine, heard } = await link(partitionOf(one));
      const first = await agent(one);
      await broker.kill();
      await vi.waitFor(() => expect(mine.connected).toBe(false), { timeout: 20_000 });
      mine.publish(one, "ack", "nobody hears");
      expect(mine.dropped).toBe(1);
      // What changes meanwhile holds when it is back.
      mine.hear(new Set([partitionOf(one), partitionOf(two)]));
      await broker.start();
      await vi.waitFor(() => expect(mine.connected && first.connected).toBe(true), { timeout: 20_000 });
      const second = await agent(two);
      await vi.waitFor(
        async () => {
          await say(first, one, "again");
          await say(second, two, "again");
          expect(heard).toEqual(expect.arrayContaining([`${one} batch again`, `${two} batch again`]));
        },
        { timeout: 20_000, interval: 100 },
      );
    });
  });
}
