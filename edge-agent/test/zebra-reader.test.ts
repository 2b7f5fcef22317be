import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { zebraTopics } from "@storeward/contracts";
import { ZebraIotReader } from "@storeward/reader-simulators";
import { ManualClock } from "@storeward/runtime";
import { connectAsync, type MqttClient } from "mqtt";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { AedesBroker, type Broker } from "./brokers.js";
import { Bench, EPCS, quiet } from "./iot-bench.js";
import { hasMosquitto, Mosquitto } from "./mosquitto.js";

const topics = zebraTopics({ serial: "FX9600F0F4B5" });
const dir = mkdtempSync(join(tmpdir(), "storeward-zebra-"));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const brokers: [string, boolean, () => Broker][] = [
  ["aedes", false, () => new AedesBroker()],
  ["Mosquitto (skipped where it is not installed)", !hasMosquitto, () => new Mosquitto(dir)],
];

for (const [name, skipped, make] of brokers)
  describe.skipIf(skipped)(`a simulated reader with Zebra's IoT Connector, behind ${name}`, () => {
    const clock = new ManualClock();
    let bench: Bench;
    let broker: Broker;
    let reader: ZebraIotReader;
    let client: MqttClient;
    let heard: { topic: string; message: Record<string, unknown> }[] = [];
    let now = 0;

    beforeAll(async () => {
      broker = make();
      await broker.start();
    });
    afterAll(() => broker.kill());
    beforeEach(async () => {
      now = 0;
      heard = [];
      bench = new Bench();
      client = await connectAsync(`mqtt://127.0.0.1:${broker.port}`, { protocolVersion: 4, reconnectPeriod: 0 });
      client.on("message", (topic, payload) => heard.push({ topic, message: JSON.parse(payload.toString()) }));
      await client.subscribeAsync("storeward/#", { qos: 1 });
      reader = new ZebraIotReader({
        id: "z",
        port: bench,
        time: { now: () => now, utc: (at) => BigInt(Date.UTC(2026, 0, 1) + at) * 1000n },
        clock,
        log: quiet,
        serial: "84248dee5721",
        firmware: "3.28.18.0",
        broker: `mqtt://127.0.0.1:${broker.port}`,
        topics,
      });
      await reader.start();
      await expect.poll(() => reader.status().connected).toBe(true);
    });
    afterEach(async () => {
      await client.endAsync(true);
      await reader.stop();
      await expect.poll(() => clock.pending).toBe(0);
    });

    let asked = 0;
    const ask = async (command: string, payload: unknown = {}): Promise<Record<string, unknown>> => {
      const management = /^get_(version|status|region)$/.test(command);
      const command_id = String(++asked);
      const topic = management ? topics.managementCommand : topics.controlCommand;
      await client.publishAsync(topic, JSON.stringify({ command, command_id, payload }), { qos: 1 });
      const find = () => heard.find(({ message }) => message.command_id === command_id && "response" in message);
      await expect.poll(find).toBeDefined();
      expect(find()?.topic).toBe(management ? topics.managementResponse : topics.controlResponse);
      return find()?.message ?? {};
    };
    const data = () => heard.filter(({ topic }) => topic === topics.data).map(({ message }) => message);
    const pass = (ms: number) => {
      now += ms;
      reader.tick(now);
    };

    it("answers what it is asked, by the number of the question", async () => {
      expect(await ask("get_version")).toMatchObject({ response: "success", payload: { model: "FX9600" } });
      expect(await ask("get_region")).toMatchObject({
        payload: { regulatoryStandard: "ETSI", maxTxPowerSupported: 300 },
      });
      bench.unplugged.add(2);
      expect(await ask("get_status")).toMatchObject({
        payload: { radioActivitiy: "inactive", antennas: { 1: "connected", 2: "disconnected" } },
      });
      expect(await ask("make_coffee")).toMatchObject({ response: "failure" });
    });

    it("reads in the mode it was set to, and tells every read where no report filter is set", async () => {
      const mode = {
        type: "CUSTOM",
        antennas: [2],
        transmitPower: [25],
        tagMetaData: ["ANTENNA", "RSSI", "SEEN_COUNT", "CHANNEL", "TID"],
        reportFilter: { duration: 0, type: "RADIO_WIDE" },
      };
      expect(await ask("set_mode", mode)).toMatchObject({ response: "success" });
      expect(await ask("get_mode")).toMatchObject({ payload: mode });
      expect(await ask("start", { doNotPersistState: true })).toMatchObject({ response: "success" });
      expect(await ask("start")).toMatchObject({
        response: "failure",
        payload: { message: "start currently ongoing" },
      });
      pass(50);
      await expect.poll(() => data().length).toBe(3);
      expect(data()[0]).toEqual({
        type: "CUSTOM",
        timestamp: "2026-01-01T00:00:00.005+0000",
        data: {
          eventNum: 1,
          format: "epc",
          antenna: 2,
          channel: 865.7,
          idHex: EPCS[0]?.toLowerCase(),
          peakRssi: -52,
          reads: 1,
          TID: expect.stringMatching(/^E2/),
        },
      });
      expect(bench.powers.get(2)).toBe(25);
      expect(await ask("stop")).toMatchObject({ response: "success" });
      pass(500);
      expect(await ask("stop")).toMatchObject({ response: "failure" });
      expect(data()).toHaveLength(3);
    });

    it("tells of a tag once a second, with how often it was read, where that is asked for", async () => {
      await ask("set_mode", { type: "CUSTOM", antennas: [1], reportFilter: { duration: 1, type: "PER_ANTENNA" } });
      await ask("start");
      for (let n = 0; n < 42; n++) pass(50);
      await expect.poll(() => data().length).toBe(9);
      expect(data().map(({ data: tag }) => (tag as { reads: number }).reads)).toEqual([
        1, 1, 1, 20, 20, 20, 20, 20, 20,
      ]);
    });

    it.each([
      ["an antenna that it has not", { type: "CUSTOM", antennas: [9] }],
      ["powers that do not match the antennas", { type: "CUSTOM", antennas: [1, 2], transmitPower: [20] }],
      ["too much power", { type: "CUSTOM", transmitPower: 33 }],
      ["a field that it does not know", { type: "CUSTOM", tagMetaData: ["COLOUR"] }],
      ["no type", { antennas: [1] }],
    ])("refuses a mode with %s", async (_, mode) => {
      expect(await ask("set_mode", mode)).toMatchObject({ response: "failure" });
    });

    it("sends heartbeats, comes back to its broker, and forgets its inventory when it is restarted", async () => {
      await ask("start");
      await clock.advance(60_000);
      await expect.poll(() => heard.filter(({ topic }) => topic === topics.events).length).toBe(1);
      expect(heard.at(-1)?.message).toMatchObject({
        type: "heartbeat",
        data: { radio_control: { radioActivity: "active" } },
      });
      reader.reboot();
      await expect.poll(() => reader.status().connected).toBe(false);
      await clock.advance(500);
      await expect.poll(() => reader.status().connected).toBe(true);
      expect(await ask("get_status")).toMatchObject({ payload: { radioActivitiy: "inactive" } });
    });

    it("falls silent without leaving its broker", async () => {
      await ask("start");
      reader.cut(true);
      pass(500);
      await client.publishAsync(topics.managementCommand, '{"command":"get_version","command_id":"x"}', { qos: 1 });
      await client.publishAsync("storeward/end", "{}", { qos: 1 });
      await expect.poll(() => heard.at(-1)?.topic).toBe("storeward/end");
      expect(data()).toEqual([]);
      expect(reader.status()).toMatchObject({ connected: true, dead: true });
    });
  });
