import { describeError } from "@storeward/runtime";
import mqtt, { type IClientOptions, type MqttClient } from "mqtt";
import { E } from "./errors.js";

export interface BrokerOptions {
  readonly url: string;
  readonly clientId: string;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  readonly ca?: Buffer | undefined;
  readonly subscriptions: readonly string[];
  readonly onMessage: (topic: string, payload: Buffer, retained: boolean) => void;
  /** Once, whatever ended it. */
  readonly onClosed: (error: unknown) => void;
}

const CONNECT_TIMEOUT_MS = 10_000;

/**
 * One MQTT 3.1.1 connection to the broker that a reader publishes to; never reconnects by itself. Publishes only while it is connected
 * and only commands, of which one is under way at a time, so that nothing queues.
 */
export class BrokerConnection {
  readonly #options: BrokerOptions;
  readonly #client: MqttClient;
  #ended = false;
  #error: unknown;

  constructor(options: BrokerOptions) {
    this.#options = options;
    this.#client = mqtt.connect(options.url, clientOptions(options));
    this.#client.on("message", (topic, payload, { retain }) => {
      if (!this.#ended) options.onMessage(topic, payload, retain);
    });
    this.#client.on("error", (error) => {
      this.#error ??= error;
    });
    this.#client.on("close", () => this.#closed());
  }

  /** Resolves when everything is subscribed to. Rejects with ZEBRA_BROKER or ZEBRA_SUBSCRIBE. */
  async ready(): Promise<void> {
    const { subscriptions, url } = this.#options;
    await new Promise<void>((resolve, reject) => {
      this.#client.once("connect", () => resolve());
      this.#client.once("close", () => reject(this.#brokerError()));
    });
    for (const topic of subscriptions) {
      try {
        // One QoS for all: aedes loses messages of a client with mixed ones. What the reader sends at QoS 0 stays at 0.
        const granted = await this.#client.subscribeAsync(topic, { qos: 1 });
        if (granted.some(({ qos }) => qos > 1)) throw E.ZEBRA_SUBSCRIBE({ topic });
      } catch (cause) {
        if (!this.#client.connected) throw E.ZEBRA_BROKER({ url, reason: describeError(cause) }, { cause });
        throw E.ZEBRA_SUBSCRIBE({ topic }, { cause });
      }
    }
  }

  publish(topic: string, payload: string): void {
    if (this.#ended || !this.#client.connected) return;
    this.#client.publish(topic, payload, { qos: 1 }, () => undefined);
  }

  /** Closes it: at once, or with a goodbye that the broker has a second for; nobody waits for one that has fallen silent. */
  async close({ goodbye }: { goodbye: boolean }): Promise<void> {
    if (this.#ended) return;
    this.#ended = true;
    if (goodbye && this.#client.connected)
      await Promise.race([this.#client.endAsync(false), new Promise((resolve) => setTimeout(resolve, 1_000))]).catch(
        () => undefined,
      );
    this.#client.end(true);
  }

  #closed(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#client.end(true);
    this.#options.onClosed(
      this.#error === undefined ? E.ZEBRA_CLOSED({ reason: "the broker closed it" }) : this.#brokerError(),
    );
  }

  #brokerError(): Error {
    const cause = this.#error;
    const reason = cause === undefined ? "it closed the connection" : describeError(cause);
    return E.ZEBRA_BROKER({ url: this.#options.url, reason }, { cause });
  }
}

function clientOptions({ clientId, username, password, ca }: BrokerOptions): IClientOptions {
  return {
    protocolVersion: 4,
    clean: true,
    clientId,
    keepalive: 15,
    connectTimeout: CONNECT_TIMEOUT_MS,
    // Reconnecting is the link's, by its schedule.
    reconnectPeriod: 0,
    resubscribe: false,
    queueQoSZero: false,
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    ...(ca === undefined ? {} : { ca }),
  };
}
