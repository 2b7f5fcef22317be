import { topicOf } from "@storeward/contracts";
import { GENESIS_CHAIN, nextChain, randomHex } from "@storeward/runtime";
import { MqttClient, publishPacket } from "./mqtt-client.js";
import { agentName, Ward } from "./rows.js";

const MAX_BATCH_BYTES = 63 * 1024;
const MAX_BATCH_ROWS = 256;
const RESEND_MS = 4_000;
const HELLO_AGAIN_MS = 2_000;

/** An agent by the rules of docs/delivery.md, whose batches are ready before they are sent. */
export class BenchAgent {
  name;
  epoch = randomHex(16);
  resends = 0;
  /** Payload bytes and rows made. */
  bytes = 0;
  rows = 0;
  /** Called with each batch when its ack is here. */
  onCommitted = (_batch) => undefined;
  #client;
  #ward;
  #boot = randomHex(16);
  #session = randomHex(16);
  #chain = GENESIS_CHAIN;
  /** Batches not acknowledged, in order; the first `#flying` of them are on their way. */
  #batches = [];
  #flying = 0;
  #flyingBytes = 0;
  #committed = 0;
  #credit = 0;
  #heardAt = 0;
  #wentBackAt = -1;
  #sends = false;
  #bootWall;

  /** @param startMs when its device was started, ms since 1970 */
  constructor(number, startMs) {
    this.name = agentName(number);
    this.#ward = new Ward(number);
    this.#bootWall = startMs;
  }

  get waiting() {
    return this.#batches.length;
  }

  /** Makes batches of rows that were observed at these moments (ms since 1970), as full as an agent makes them. */
  prepare(moments) {
    let bodies = [];
    let size = 0;
    for (const moment of moments) {
      const body = this.#ward.next(this.#instant(moment));
      if (bodies.length === MAX_BATCH_ROWS || size + body.length > MAX_BATCH_BYTES - 1_024) {
        this.#add(bodies, moment);
        bodies = [];
        size = 0;
      }
      bodies.push(body);
      size += body.length + 1;
    }
    if (bodies.length > 0) this.#add(bodies, moments.at(-1));
  }

  /** Observes `count` rows now and sends them as soon as may be. */
  observe(count) {
    this.prepare(Array(count).fill(Date.now()));
    this.pump();
  }

  /** Once more after the connection has ended, too. */
  async connect({ port, password, ledger }) {
    const { name } = this;
    this.#client = new MqttClient();
    this.#client.onMessage = (payload) => this.#hear(JSON.parse(payload.toString("latin1")));
    await this.#client.connect({ port, clientId: name, username: name, password, topic: topicOf(name, "ack") });
    this.ledger = ledger;
    const greeted = new Promise((resolve) => {
      this.onGreeted = () => resolve(undefined);
    });
    this.#client.publish(publishPacket(topicOf(name, "status"), Buffer.from(this.#status()), { retain: true }));
    // A service hears an agent once it holds its partition, and a broker takes what nobody hears.
    const again = setInterval(() => this.#hello(), HELLO_AGAIN_MS);
    this.#hello();
    await greeted;
    clearInterval(again);
  }

  /** Sends what credit lets it, from now on. */
  pump() {
    this.#sends = true;
    while (this.#flying < this.#batches.length) {
      const batch = this.#batches[this.#flying];
      if (this.#flying > 0 && this.#flyingBytes + batch.bytes > this.#credit) return;
      if (this.#flying === 0) this.#heardAt = performance.now();
      this.#flying++;
      this.#flyingBytes += batch.bytes;
      this.#client.publish(batch.publish);
    }
  }

  /** To be called now and then: what was not answered is sent again. */
  tick() {
    if (this.#flying > 0 && performance.now() - this.#heardAt > RESEND_MS) this.#goBack();
  }

  end() {
    this.#client.end();
  }

  /** Its connection is about to end with the service. */
  expectLoss() {
    this.#client.onLost = () => undefined;
  }

  #status() {
    const who = { session: this.#session, boot: this.#boot, config: 1, software: "bench" };
    return JSON.stringify({ v: 1, state: "online", ...who });
  }

  #hello() {
    const { epoch, ledger } = this;
    const kept = { epoch, head: this.rows, headChain: this.#chain, oldest: 1, acked: 0, ackedChain: GENESIS_CHAIN };
    const who = { boot: this.#boot, at: this.#instant(Date.now()), hardware: "bench", software: "bench" };
    this.#publish({ kind: "hello", ...who, ledger, epochs: [kept] }, []);
  }

  #add(bodies, moment) {
    const { epoch } = this;
    const prev = this.#chain;
    const first = this.rows + 1;
    for (const body of bodies) this.#chain = nextChain(this.#chain, ++this.rows, body);
    const through = this.#instant(moment);
    const envelope = { kind: "batch", epoch, first, last: this.rows, prev, lost: [], through };
    const payload = this.#payload(envelope, bodies);
    this.bytes += payload.length;
    const publish = publishPacket(topicOf(this.name, "batch"), payload);
    this.#batches.push({ first, last: this.rows, bytes: payload.length, publish, observedAt: moment });
  }

  #payload(envelope, bodies) {
    const head = { v: 1, agent: this.name, session: this.#session, ...envelope };
    return Buffer.from([JSON.stringify(head), ...bodies].join("\n"));
  }

  #publish(envelope, bodies) {
    this.#client.publish(publishPacket(topicOf(this.name, "batch"), this.#payload(envelope, bodies)));
  }

  #hear(ack) {
    if (ack.kind === "reject") throw new Error(`the cloud refused a batch: ${ack.code} ${ack.detail}`);
    if (ack.session !== this.#session || ack.epoch !== this.epoch) return;
    this.#credit = ack.credit;
    this.#heardAt = performance.now();
    this.onGreeted?.();
    this.onGreeted = undefined;
    if (ack.committed > this.#committed) this.#progress(ack.committed);
    else if (this.#flying > 0 && this.#wentBackAt !== this.#committed) {
      this.#wentBackAt = this.#committed;
      return this.#goBack();
    }
    if (this.#sends) this.pump();
  }

  #progress(committed) {
    this.#committed = committed;
    let done = 0;
    while (done < this.#batches.length && this.#batches[done].last <= committed) {
      const batch = this.#batches[done++];
      if (done <= this.#flying) this.#flyingBytes -= batch.bytes;
      this.onCommitted(batch);
    }
    this.#batches.splice(0, done);
    this.#flying = Math.max(0, this.#flying - done);
  }

  #goBack() {
    this.resends++;
    this.#flying = 0;
    this.#flyingBytes = 0;
    this.pump();
  }

  #instant(moment) {
    return { boot: this.#boot, mono: moment - this.#bootWall, wall: new Date(moment).toISOString() };
  }
}
