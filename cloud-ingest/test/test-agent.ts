import { type Ack, encodeUpward, type Hello, type Instant, topicOf } from "@storeward/contracts";
import { GENESIS_CHAIN, nextChain, randomHex } from "@storeward/runtime";
import mqtt, { type MqttClient } from "mqtt";

const RESEND_MS = 300;

export interface TestAgentOptions {
  /** Rows in a batch, at most. */
  readonly batch?: number;
  /** Its clocks: `mono` in ms, `wall` as it believes. */
  readonly now?: () => { readonly mono: number; readonly wall: string };
}

/** An agent as the cloud meets it: a journal in memory, sent strictly in order, again and again until it is acknowledged. */
export class TestAgent {
  readonly name: string;
  readonly epoch = randomHex(16);
  readonly acks: Ack[] = [];
  readonly #boot = randomHex(16);
  readonly #session = randomHex(16);
  readonly #bodies: string[] = [];
  readonly #chains: string[] = [GENESIS_CHAIN];
  #client: MqttClient | undefined;
  #timer: NodeJS.Timeout | undefined;
  #committed = 0;

  readonly #batch: number;
  readonly #clocks: NonNullable<TestAgentOptions["now"]>;

  constructor(
    name: string,
    { batch = 20, now = () => ({ mono: performance.now(), wall: new Date().toISOString() }) }: TestAgentOptions = {},
  ) {
    this.name = name;
    this.#batch = batch;
    this.#clocks = now;
  }

  get head(): number {
    return this.#bodies.length;
  }

  /** As the last ack said. */
  get committed(): number {
    return this.#committed;
  }

  chainAt(seq: number): string | undefined {
    return this.#chains[seq];
  }

  /** Journals one observation. */
  observe(draft: Record<string, unknown>): void {
    const body = JSON.stringify({ ...draft, at: this.#now(), config: 1 });
    this.#chains.push(nextChain(this.#chains.at(-1) ?? "", this.head + 1, body));
    this.#bodies.push(body);
  }

  async connect(url: string, password: string): Promise<void> {
    const client = mqtt.connect(url, { username: this.name, password, protocolVersion: 4, reconnectPeriod: 200 });
    this.#client = client;
    client.on("error", () => undefined);
    client.on("message", (_topic, payload) => this.#hear(JSON.parse(payload.toString())));
    client.on("connect", () => {
      client.subscribe(topicOf(this.name, "ack"), { qos: 1 }, () => this.#hello());
    });
    this.#timer = setInterval(() => this.#send(), RESEND_MS);
  }

  async end(): Promise<void> {
    clearInterval(this.#timer);
    await this.#client?.endAsync(true);
  }

  #hear(answer: Ack): void {
    if (answer.kind !== "ack" || answer.epoch !== this.epoch || answer.session !== this.#session) return;
    // It must be our own life of the journal that is acknowledged.
    if (answer.chain !== this.#chains[answer.committed]) throw new Error("the cloud acknowledges another journal");
    this.acks.push(answer);
    const moved = answer.committed !== this.#committed;
    this.#committed = answer.committed;
    if (moved) this.#send();
  }

  #hello(): void {
    const headChain = this.#chains[this.head] ?? "";
    const ackedChain = this.#chains[this.#committed] ?? "";
    const hello: Hello = {
      v: 1,
      kind: "hello",
      agent: this.name,
      session: this.#session,
      boot: this.#boot,
      at: this.#now(),
      hardware: "test",
      software: "test 0",
      epochs: [{ epoch: this.epoch, head: this.head, headChain, oldest: 1, acked: this.#committed, ackedChain }],
    };
    this.#publish(encodeUpward(hello));
  }

  #send(): void {
    const first = this.#committed + 1;
    const last = Math.min(this.head, first + this.#batch - 1);
    const prev = this.#chains[first - 1] ?? "";
    const { name: agent, epoch } = this;
    const through = this.#now();
    this.#publish(
      encodeUpward(
        { v: 1, kind: "batch", agent, session: this.#session, epoch, first, last, prev, lost: [], through },
        this.#bodies.slice(first - 1, last),
      ),
    );
  }

  #publish(text: string): void {
    if (this.#client?.connected) this.#client.publish(topicOf(this.name, "batch"), text, { qos: 1 });
  }

  #now(): Instant {
    return { boot: this.#boot, ...this.#clocks() };
  }
}
