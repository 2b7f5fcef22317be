import type { AgentConfig, AgentStatus } from "@storeward/contracts";
import { type CloudTopic, parseTopic, topicOf } from "@storeward/contracts";
import mqtt, { type IClientOptions, type MqttClient } from "mqtt";
import { E } from "./errors.js";

export interface ConnectionOptions {
  readonly agent: string;
  readonly cloud: AgentConfig["cloud"];
  readonly password: string;
  readonly ca: Buffer | undefined;
  /** Said, retained, when connected, and as the last will with `offline`. */
  readonly status: AgentStatus;
  readonly onOpen: () => void;
  readonly onMessage: (leaf: CloudTopic, payload: Buffer) => void;
  /** The broker lets this agent not hear this topic: what comes there can wait, the journal does not rest on it. */
  readonly onDeaf: (topic: string) => void;
  /** Once, whatever ended it; the error where there was one. */
  readonly onClosed: (error: unknown) => void;
}

/** What the cloud says besides `ack`. */
const FURTHER: readonly CloudTopic[] = ["config", "command"];
const CONNECT_TIMEOUT_MS = 10_000;
const GOODBYE_MS = 1_000;

/**
 * One MQTT 3.1.1 connection of one session: never reconnects, so that nothing of an earlier session is sent again behind our back, and
 * publishes only while it is open.
 */
export class Connection {
  readonly #options: ConnectionOptions;
  readonly #client: MqttClient;
  #open = false;
  #ended = false;
  #error: unknown;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.#client = mqtt.connect(options.cloud.url, clientOptions(options));
    this.#client.on("connect", () => void this.#greet());
    this.#client.on("message", (topic, payload) => this.#hear(topic, payload));
    this.#client.on("error", (error) => {
      this.#error ??= error;
    });
    this.#client.on("close", () => this.#end(this.#error));
  }

  get open(): boolean {
    return this.#open && this.#client.connected;
  }

  /** QoS 1 as everywhere; `onSent` when the broker has it, which proves nothing about the cloud, or with the error that kept it away. */
  publish(leaf: "batch" | "telemetry" | "snapshot", payload: string, onSent?: (error?: unknown) => void): void {
    if (!this.open) return;
    this.#client.publish(topicOf(this.#options.agent, leaf), payload, { qos: 1 }, (error) => onSent?.(error));
  }

  /** Says, retained, what has changed since it was connected. */
  say(status: AgentStatus): void {
    if (!this.open) return;
    this.#client.publish(topicOf(this.#options.agent, "status"), JSON.stringify(status), { qos: 1, retain: true });
  }

  /** Says goodbye where it can, so that the last will is not needed. */
  async close(): Promise<void> {
    if (this.open) await Promise.race([this.#sayOffline(), new Promise((resolve) => setTimeout(resolve, GOODBYE_MS))]);
    this.#end(undefined);
  }

  async #greet(): Promise<void> {
    const { agent, status, onOpen } = this.#options;
    const topic = topicOf(agent, "ack");
    try {
      const granted = await this.#client.subscribeAsync(topic, { qos: 1 });
      if (granted.some(({ qos }) => qos > 1)) throw E.UPLINK_NOT_SUBSCRIBED({ topic });
    } catch (cause) {
      this.#end(this.#ended ? cause : E.UPLINK_NOT_SUBSCRIBED({ topic }, { cause }));
      return;
    }
    if (this.#ended) return;
    this.#open = true;
    this.say(status);
    onOpen();
    await this.#listenFurther();
  }

  async #listenFurther(): Promise<void> {
    const { agent, onDeaf } = this.#options;
    for (const topic of FURTHER.map((leaf) => topicOf(agent, leaf))) {
      const granted = await this.#client.subscribeAsync(topic, { qos: 1 }).catch(() => []);
      if (!this.#ended && !granted.some(({ qos }) => qos <= 1)) onDeaf(topic);
    }
  }

  #hear(topic: string, payload: Buffer): void {
    const parsed = parseTopic(topic);
    const leaf = parsed?.agent === this.#options.agent ? parsed.leaf : undefined;
    if (leaf === "ack" || leaf === "config" || leaf === "command") this.#options.onMessage(leaf, payload);
  }

  async #sayOffline(): Promise<void> {
    const { agent, status } = this.#options;
    const offline: AgentStatus = { ...status, state: "offline" };
    await this.#client
      .publishAsync(topicOf(agent, "status"), JSON.stringify(offline), { qos: 1, retain: true })
      .catch(() => undefined);
    await this.#client.endAsync(false).catch(() => undefined);
  }

  #end(error: unknown): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#open = false;
    this.#client.end(true);
    this.#options.onClosed(error);
  }
}

function clientOptions({ agent, cloud, password, ca, status }: ConnectionOptions): IClientOptions {
  const offline: AgentStatus = { ...status, state: "offline" };
  return {
    protocolVersion: 4,
    clean: true,
    clientId: agent,
    username: cloud.username,
    password,
    keepalive: 30,
    connectTimeout: CONNECT_TIMEOUT_MS,
    // Reconnecting is ours: every connection is a session of its own.
    reconnectPeriod: 0,
    resubscribe: false,
    queueQoSZero: false,
    ...(ca === undefined ? {} : { ca }),
    will: { topic: topicOf(agent, "status"), payload: Buffer.from(JSON.stringify(offline)), qos: 1, retain: true },
  };
}
