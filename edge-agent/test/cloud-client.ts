import { parseTopic, Snapshot, Telemetry, topicFilter, topicOf } from "@storeward/contracts";
import { validator } from "@storeward/runtime";
import mqtt, { type MqttClient } from "mqtt";
import type { ModelCloud } from "./model-cloud.js";

const asTelemetry = validator(Telemetry);
const asSnapshot = validator(Snapshot);

/** Puts a {@link ModelCloud} on a broker, as the cloud does: one answer to every message. */
export class CloudClient {
  readonly telemetry: Telemetry[] = [];
  readonly snapshots: Snapshot[] = [];
  readonly statuses: string[] = [];
  readonly violations: string[] = [];
  readonly #cloud: ModelCloud;
  readonly #ca: Buffer | undefined;
  #client: MqttClient | undefined;

  /** `ca`: the broker speaks TLS with a certificate of this authority. */
  constructor(cloud: ModelCloud, ca?: Buffer) {
    this.#cloud = cloud;
    this.#ca = ca;
  }

  start(port: number): void {
    const client = mqtt.connect(`${this.#ca === undefined ? "mqtt" : "mqtts"}://127.0.0.1:${port}`, {
      protocolVersion: 4,
      clean: true,
      reconnectPeriod: 100,
      ...(this.#ca === undefined ? {} : { ca: this.#ca }),
    });
    client.on("connect", () => {
      for (const leaf of ["batch", "telemetry", "snapshot", "status"] as const)
        client.subscribe(topicFilter(leaf), { qos: 1 });
    });
    client.on("error", () => undefined);
    client.on("message", (topic, payload) => this.#receive(client, topic, payload));
    this.#client = client;
  }

  async stop(): Promise<void> {
    await this.#client?.endAsync(true);
  }

  #receive(client: MqttClient, topic: string, payload: Buffer): void {
    const from = parseTopic(topic);
    if (from === undefined) return void this.violations.push(`topic ${topic}`);
    const text = payload.toString("utf8");
    if (from.leaf === "status") return void this.statuses.push((JSON.parse(text) as { state: string }).state);
    if (from.leaf === "snapshot") {
      const read = asSnapshot(JSON.parse(text));
      if (read.ok) this.snapshots.push(read.value);
      else this.violations.push(...read.errors);
      return;
    }
    if (from.leaf === "telemetry") {
      const read = asTelemetry(JSON.parse(text));
      if (read.ok) this.telemetry.push(read.value);
      else this.violations.push(...read.errors);
      return;
    }
    for (const answer of this.#cloud.receive(text))
      client.publish(topicOf(from.agent, "ack"), JSON.stringify(answer), { qos: 1 });
  }
}
