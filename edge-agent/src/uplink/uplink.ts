import {
  Ack,
  type AgentConfig,
  type AgentStatus,
  type Downward,
  type ObservationDraft,
  Reject,
  SNAPSHOT_EVERY_MS,
  type Telemetry,
} from "@storeward/contracts";
import {
  type Clock,
  crashPoint,
  delays,
  isStorewardError,
  type Logger,
  type Part,
  RECONNECT,
  randomHex,
  type StorewardError,
  type Timer,
  validator,
} from "@storeward/runtime";
import type { EdgeJournal } from "../journal/journal.js";
import { CloudClock } from "./cloud-clock.js";
import { Connection } from "./connection.js";
import { E } from "./errors.js";
import { Sender } from "./sender.js";
import type { ReadPointNow } from "./snapshot.js";
import { Snapshots } from "./snapshots.js";

export interface UplinkOptions {
  readonly config: Pick<AgentConfig, "agent" | "cloud" | "version">;
  readonly password: string;
  /** PEM of the broker's authority. */
  readonly ca: Buffer | undefined;
  readonly hardware: string;
  readonly software: string;
  readonly journal: EdgeJournal;
  /** Mono ms of this boot: everything observed up to it is in the journal. */
  readonly through: () => number;
  /** Which read points look now, for the present that is shown while the past is on its way. */
  readonly coverage: () => readonly ReadPointNow[];
  /** A `clock` observation to journal. */
  readonly onClock: (draft: ObservationDraft) => void;
  /** Which configuration holds, for the status; `config.version` where absent. */
  readonly configuration?: (() => Pick<AgentStatus, "config" | "refused">) | undefined;
  /** What the cloud says besides its acks. Must not throw and not wait. */
  readonly onMessage?: ((leaf: "config" | "command", payload: Buffer) => void) | undefined;
  readonly clock: Clock;
  readonly log: Logger;
}

/** A connection that ended sooner was short; after so many in a row, somebody else may be taking it over. */
const SHORT_MS = 60_000;
const MANY_SHORT = 5;

const WALL_CHECK_MS = 5_000;
/** After so long without an answer to hello, it is a problem that somebody must see. */
const UNANSWERED_MS = 30_000;

const asAck = validator(Ack);
const asReject = validator(Reject);

/** Hands the journal to the cloud over MQTT, for ever: connects, says hello, sends what is not committed, starts again. */
export class Uplink implements Part {
  readonly name = "uplink";
  readonly #options: UplinkOptions;
  readonly #sender: Sender;
  readonly #cloudClock: CloudClock;
  readonly #snapshots: Snapshots;
  readonly #reconnect = delays(RECONNECT);
  #connection: Connection | undefined;
  #openSince: number | undefined;
  #stopped = true;
  #retryTimer: Timer | undefined;
  #pumpTimer: Timer | undefined;
  #wallTimer: Timer | undefined;
  #snapshotTimer: Timer | undefined;
  /** Last problem of the connection, or of its being refused; undefined while connected. */
  #problem: StorewardError | undefined;
  #logged: string | undefined;
  #reconnects = 0;
  /** Connections in a row in which the cloud answered and which ended soon. */
  #short = 0;
  #telemetryIsOut = false;
  #isWoken = false;
  #session = "";

  constructor(options: UplinkOptions) {
    this.#options = options;
    const { journal, through, coverage, clock, hardware, software, config } = options;
    const identity = { agent: config.agent, ledger: config.cloud.ledger, hardware, software };
    this.#sender = new Sender({ identity, journal, through, clock });
    this.#cloudClock = new CloudClock(clock);
    this.#snapshots = new Snapshots({ agent: config.agent, journal, coverage, clock });
  }

  /** Never waits for the broker: an agent journals without it. */
  async start(): Promise<void> {
    this.#stopped = false;
    const { clock } = this.#options;
    this.#wallTimer = clock.every(WALL_CHECK_MS, () => this.#journalClock(this.#cloudClock.check()));
    this.#snapshotTimer = clock.every(SNAPSHOT_EVERY_MS, () => {
      this.#snapshots.look();
      this.#publishSnapshot();
    });
    this.#connect();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    for (const timer of [this.#retryTimer, this.#pumpTimer, this.#wallTimer, this.#snapshotTimer]) timer?.stop();
    await this.#connection?.close();
  }

  /** The journal has new rows. Many calls in one turn, as one commit keeps many, are one look. */
  wake(): void {
    if (this.#isWoken || this.#connection?.open !== true) return;
    this.#isWoken = true;
    queueMicrotask(() => {
      this.#isWoken = false;
      this.#pump();
    });
  }

  /** Latest wins: what cannot go out now is not kept. */
  publishTelemetry(telemetry: Omit<Telemetry, "session">, onSent?: () => void): void {
    const connection = this.#connection;
    if (connection?.open !== true || this.#telemetryIsOut) return;
    this.#telemetryIsOut = true;
    connection.publish("telemetry", JSON.stringify({ ...telemetry, session: this.#session }), (error) => {
      this.#telemetryIsOut = false;
      if (error === undefined || error === null) onSent?.();
    });
  }

  /** To be called when what `configuration` gives has changed. */
  publishStatus(): void {
    this.#connection?.say(this.#status());
  }

  /** Connected to the broker, and answered by the cloud; since when connected, mono ms. */
  state(): { readonly connected: boolean; readonly answered: boolean; readonly since: number | undefined } {
    return { connected: this.#openSince !== undefined, answered: this.#sender.greeted, since: this.#openSince };
  }

  cloudTime(): ReturnType<CloudClock["reading"]> {
    return this.#cloudClock.reading();
  }

  stats(): Telemetry["uplink"] {
    return { ...this.#sender.stats(), reconnects: this.#reconnects };
  }

  /** What somebody must look at, until it is over. */
  problems(): StorewardError[] {
    const { clock, journal } = this.#options;
    const silent = this.#openSince === undefined ? 0 : clock.mono() - this.#openSince;
    const unanswered =
      !this.#sender.greeted && !journal.forking && silent > UNANSWERED_MS
        ? E.UPLINK_UNANSWERED({ seconds: Math.round(silent / 1_000) })
        : undefined;
    const contested =
      this.#short >= MANY_SHORT && silent < SHORT_MS ? E.UPLINK_CONTESTED({ times: this.#short }) : undefined;
    return [this.#problem, this.#sender.problem ?? unanswered, contested].filter((problem) => problem !== undefined);
  }

  #connect(): void {
    const { config, password, ca, log } = this.#options;
    this.#session = randomHex(16);
    const { agent, cloud } = config;
    this.#connection = new Connection({
      agent,
      cloud,
      password,
      ca,
      status: this.#status(),
      onOpen: () => this.#onOpen(),
      onMessage: (leaf, payload) => (leaf === "ack" ? this.#onAck(payload) : this.#options.onMessage?.(leaf, payload)),
      onDeaf: (topic) => log.warn({ topic }, "the broker does not let this agent hear what the cloud says there"),
      onClosed: (error) => this.#onClosed(error),
    });
  }

  #status(): AgentStatus {
    const { config, configuration, journal, software } = this.#options;
    const held = configuration?.() ?? { config: config.version };
    return { v: 1, state: "online", session: this.#session, boot: journal.boot, software, ...held };
  }

  #onOpen(): void {
    const { config, clock, log } = this.#options;
    this.#openSince = clock.mono();
    this.#problem = undefined;
    this.#telemetryIsOut = false;
    this.#snapshots.connected(this.#connection);
    log.info({ url: config.cloud.url }, "connected to the broker");
    this.#logged = undefined;
    this.#sender.connected(this.#session);
    this.#pump();
  }

  #onClosed(error: unknown): void {
    const { clock } = this.#options;
    this.#noteEnd(this.#openSince === undefined ? 0 : clock.mono() - this.#openSince);
    this.#connection = undefined;
    this.#openSince = undefined;
    this.#pumpTimer?.stop();
    this.#sender.disconnected();
    if (this.#stopped) return;
    this.#reconnects++;
    this.#report(this.#named(error));
    this.#retryTimer = clock.after(this.#reconnect(), () => this.#connect());
  }

  /** Two devices with one identity throw each other out for ever: that is said, and the waits then grow as if there was no connection. */
  #noteEnd(lived: number): void {
    if (lived >= SHORT_MS) this.#short = 0;
    else if (this.#sender.greeted && ++this.#short === MANY_SHORT)
      this.#options.log.warn({ err: E.UPLINK_CONTESTED({ times: this.#short }) }, "the connection does not last");
  }

  #named(error: unknown): StorewardError {
    if (isStorewardError(error)) return error;
    const { url, username } = this.#options.config.cloud;
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    // CONNACK 4 and 5 (MQTT 3.1.1 §3.2.2.3): bad user name or password, not authorised.
    if (code === 4 || code === 5) {
      const reason = code === 4 ? "bad user name or password" : "not authorised";
      return E.UPLINK_REFUSED({ url, username, reason }, { cause: error });
    }
    return E.UPLINK_UNREACHABLE({ url }, error === undefined ? {} : { cause: error });
  }

  /** Once for every new kind of trouble, not at every try. */
  #report(problem: StorewardError): void {
    this.#problem = problem;
    const { log } = this.#options;
    if (this.#logged === problem.code) log.debug({ err: problem }, "still no connection to the cloud");
    else log.warn({ err: problem }, "no connection to the cloud: what is observed is journaled and sent later");
    this.#logged = problem.code;
  }

  #onAck(payload: Buffer): void {
    const message = parse(payload);
    if (message === undefined) {
      this.#options.log.debug({ bytes: payload.length }, "a message on the ack topic cannot be read");
      return;
    }
    const before = this.#sender.problem?.code;
    const sample = this.#sender.received(message);
    const problem = this.#sender.problem;
    if (problem !== undefined && problem.code !== before)
      this.#options.log.error({ err: problem }, "the journal cannot be handed over");
    if (this.#sender.greeted && this.#short < MANY_SHORT) this.#reconnect.reset();
    this.#publishSnapshot();
    if (sample !== undefined) this.#journalClock(this.#cloudClock.learn(sample));
    this.#pump();
  }

  #pump(): void {
    const connection = this.#connection;
    if (this.#stopped || connection?.open !== true) return;
    for (let payload = this.#sender.next(); payload !== undefined; payload = this.#sender.next()) {
      crashPoint("before-send");
      connection.publish("batch", payload, () => crashPoint("after-send"));
    }
    this.#pumpTimer?.stop();
    const due = this.#sender.nextDue();
    const { clock } = this.#options;
    if (due !== undefined) this.#pumpTimer = clock.after(Math.max(1, due - clock.mono()), () => this.#pump());
  }

  #publishSnapshot(): void {
    if (this.#sender.greeted) this.#snapshots.publish(this.#session);
  }

  #journalClock(draft: ObservationDraft | undefined): void {
    if (draft !== undefined) this.#options.onClock(draft);
  }
}

function parse(payload: Buffer): Downward | undefined {
  try {
    const value: unknown = JSON.parse(payload.toString("utf8"));
    for (const check of [asAck, asReject]) {
      const found = check(value);
      if (found.ok) return found.value;
    }
  } catch {
    // Not JSON: as unreadable as the rest.
  }
  return undefined;
}
