import { readFileSync } from "node:fs";
import { AGENT_TOPICS, type AgentTopic, type CloudTopic, parseTopic, partitionOf, topicOf } from "@storeward/contracts";
import {
  type Clock,
  checkConnect,
  type Logger,
  type Part,
  RECONNECT,
  randomHex,
  systemClock,
  type Timer,
} from "@storeward/runtime";
import mqtt, { type IClientOptions, type MqttClient } from "mqtt";
import { Hearing } from "./hearing.js";
import { isGoodbye, Listening, type Unheard } from "./listening.js";

export interface CloudLinkOptions {
  /** Of the broker; asked for at the start, when an embedded broker knows its port. */
  readonly url: () => string;
  readonly username: string;
  readonly password: string;
  readonly caFile?: string | undefined;
  /** The embedded broker of this process: its certificate is not looked at. */
  readonly own?: boolean;
  readonly insecure?: boolean | undefined;
  readonly log: Logger;
  readonly clock?: Clock;
  /** Everything agents of the partitions we hear publish; `retained`: earlier, and kept by the broker. Must not throw and not wait. */
  onMessage(agent: string, leaf: AgentTopic, payload: Buffer, retained: boolean): void;
}

/** How long a publication may wait for the broker's answer. */
const MAX_OUTSTANDING = 2_000;
const LOOK_MS = 5_000;
/** A connection by which nothing is heard is made anew so often. */
const ANEW_MS = 75_000;

/** The cloud's own connection to its broker, embedded or not: hears the agents of some partitions, answers each. */
export class CloudLink implements Part {
  readonly name = "broker link";
  readonly #options: CloudLinkOptions;
  readonly #clock: Clock;
  readonly #listening: Listening;
  #timer: Timer | undefined;
  /** Nothing is heard, and that was said; mono ms of when the connection is to be made anew again. */
  #deaf: { readonly nextAnew: number } | undefined;
  #client: MqttClient | undefined;
  #hearing: Hearing | undefined;
  #partitions: ReadonlySet<number> = new Set();
  #outstanding = 0;
  #dropped = 0;

  constructor(options: CloudLinkOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#listening = new Listening(this.#clock);
  }

  get connected(): boolean {
    return this.#client?.connected ?? false;
  }

  /** What is not heard although its agents are connected; undefined also while the broker is not. */
  unheard(): Unheard | undefined {
    return this.connected ? this.#listening.unheard() : undefined;
  }

  /** Whether agents are heard by this connection, as far as any are there. */
  get hears(): boolean {
    return this.connected && this.#listening.unheard()?.isAll !== true;
  }

  /** Messages to agents that were not sent because the broker was away or slow: agents ask again. */
  get dropped(): number {
    return this.#dropped;
  }

  async start(): Promise<void> {
    const { url, username, password, caFile, own = false, insecure, log } = this.#options;
    const target = url();
    const { protocol, hostname } = new URL(target);
    const warning = checkConnect({
      host: hostname,
      tls: own || protocol === "mqtts:",
      insecure,
      what: "The cloud service",
    });
    if (warning !== undefined) log.warn(warning);
    const settings: IClientOptions = {
      protocolVersion: 4,
      clientId: `storeward-cloud-${randomHex(6)}`,
      username,
      password,
      clean: true,
      keepalive: 30,
      reconnectPeriod: RECONNECT.firstMs,
      connectTimeout: 10_000,
      // Its offline queue is unbounded and in memory: agents ask again instead.
      queueQoSZero: false,
      resubscribe: false,
      ...(caFile === undefined ? {} : { ca: readFileSync(caFile) }),
      ...(own ? { rejectUnauthorized: false } : {}),
    };
    const client = mqtt.connect(target, settings);
    this.#client = client;
    client.on("message", (topic, payload, { retain }) => this.#receive(topic, payload, retain));
    client.on("error", (error) => log.debug({ err: error }, "The broker cannot be reached"));
    let wasAway = false;
    client.on("close", () => {
      this.#hearing?.end();
      this.#hearing = undefined;
      if (!wasAway && this.#client === client)
        log.warn({ broker: target }, "The broker is not connected; trying again");
      wasAway = true;
    });
    this.#timer = this.#clock.every(LOOK_MS, () => this.#look());
    await new Promise<void>((resolve) => {
      client.on("connect", () => {
        if (this.#deaf === undefined) this.#listening.begun();
        this.#hearing = new Hearing(client, log);
        this.#hearing.hear(this.#partitions);
        if (wasAway) log.info({ broker: target }, "The broker is connected");
        wasAway = false;
        resolve();
      });
      // An outside broker may come later than we do.
      client.once("close", () => resolve());
    });
  }

  /** From now on hears the agents of these partitions, and no others. */
  hear(partitions: ReadonlySet<number>): void {
    this.#partitions = partitions;
    this.#listening.hold(partitions);
    this.#hearing?.hear(partitions);
  }

  /** Others have heard that these agents are connected. */
  expect(agents: readonly string[]): void {
    this.#listening.expect(agents);
  }

  async stop(): Promise<void> {
    this.#timer?.stop();
    const client = this.#client;
    this.#client = undefined;
    await client?.endAsync(true);
  }

  /** Says something to an agent. Nothing is kept while the broker is away. */
  publish(agent: string, leaf: CloudTopic, text: string, options: { retain?: boolean } = {}): void {
    const client = this.#client;
    if (client === undefined || !client.connected || this.#outstanding >= MAX_OUTSTANDING) {
      this.#dropped++;
      return;
    }
    this.#outstanding++;
    client.publish(topicOf(agent, leaf), text, { qos: 1, retain: options.retain ?? false }, () => {
      this.#outstanding--;
    });
  }

  #receive(topic: string, payload: Buffer, retained: boolean): void {
    const parsed = parseTopic(topic);
    const leaf = AGENT_TOPICS.find((name) => name === parsed?.leaf);
    if (parsed === undefined || leaf === undefined || !this.#partitions.has(partitionOf(parsed.agent))) return;
    this.#listening.heard(parsed.agent, isGoodbye(leaf, payload));
    this.#options.onMessage(parsed.agent, leaf, payload, retained);
  }

  /** A broker that carries nothing may do so by another connection. */
  #look(): void {
    const { log } = this.#options;
    const unheard = this.unheard();
    if (unheard === undefined) {
      if (this.connected && this.#deaf !== undefined) {
        log.info("Agents are heard again");
        this.#deaf = undefined;
      }
      return;
    }
    const now = this.#clock.mono();
    if (this.#deaf === undefined)
      log.warn(unheard, "Agents are connected, and nothing is heard of them: the broker is connected anew");
    else if (now < this.#deaf.nextAnew) return;
    this.#deaf = { nextAnew: now + ANEW_MS };
    this.#client?.stream.destroy();
  }
}
