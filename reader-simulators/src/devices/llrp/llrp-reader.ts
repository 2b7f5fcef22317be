import type { Socket } from "node:net";
import {
  AntennaEventType,
  ConnectionAttemptStatusType as Attempt,
  encodeMessage,
  NotificationEventType as Notify,
} from "@storeward/codecs/llrp";
import type { Clock, Logger, Timer } from "@storeward/runtime";
import type { AntennaPort, Device, DeviceAddress, DeviceTime } from "../antenna-port.js";
import { AccessSpecs } from "./access-specs.js";
import { ReaderConfiguration } from "./configuration.js";
import { Connection } from "./connection.js";
import type { LlrpFlavour } from "./flavour.js";
import { notification, Outbox, type ReaderEvent } from "./outbox.js";
import { type LineCertificates, ReaderLine } from "./reader-line.js";
import { ROSpecs } from "./rospecs.js";

export interface LlrpReaderOptions {
  readonly id: string;
  readonly port: AntennaPort;
  readonly time: DeviceTime;
  readonly clock: Clock;
  readonly log: Logger;
  /** EUI-64. */
  readonly identity: Uint8Array;
  readonly firmware: string;
  /** 0: any that is free. */
  readonly tcpPort: number;
  /** TagReportData that it keeps while nobody takes them. */
  readonly reportCapacity?: number;
  readonly flavour?: LlrpFlavour;
  /** It connects to its client there, instead of listening. */
  readonly callTo?: { readonly host: string; readonly port: number };
  /** LLRP over TLS. */
  readonly tls?: LineCertificates;
}

const DEFAULT_CAPACITY = 16_384;
/** Keepalives in a row without an answer, after which the client is taken for gone. */
const UNANSWERED = 3;

/** A simulated LLRP reader: version 1.0.1 and 1.1, one client at a time, on 127.0.0.1. */
export class LlrpReader implements Device {
  readonly id: string;
  readonly driver = "llrp";
  readonly #options: LlrpReaderOptions;
  readonly #configuration: ReaderConfiguration;
  readonly #access: AccessSpecs;
  readonly #roSpecs: ROSpecs;
  readonly #outbox: Outbox;
  readonly #strangers = new Set<Socket>();
  readonly #line: ReaderLine;
  readonly #flavour: LlrpFlavour;
  #connection: Connection | undefined;
  #keepalive: Timer | undefined;
  #unanswered = 0;
  #messageId = 0;
  #dead = false;
  #clients = 0;
  /** When it was started, simulated ms. */
  #bootedAt: number;

  constructor(options: LlrpReaderOptions) {
    this.#options = options;
    this.id = options.id;
    const { port, time, identity, flavour = {}, clock, tcpPort, callTo, tls } = options;
    this.#flavour = flavour;
    this.#bootedAt = time.now();
    this.#line = new ReaderLine({
      clock,
      tcpPort,
      ...(callTo === undefined ? {} : { callTo }),
      ...(tls === undefined ? {} : { tls }),
      onSocket: (socket) => this.#accept(socket),
      onError: (err) => options.log.error({ err, reader: this.id }, "the reader's port failed"),
    });
    this.#configuration = new ReaderConfiguration({
      band: port.region,
      antennas: port.antennas,
      identity,
      canHold: flavour.hold !== false,
      connected: (antenna) => port.connected(antenna),
    });
    this.#outbox = new Outbox({
      capacity: options.reportCapacity ?? DEFAULT_CAPACITY,
      nextId: () => this.#nextId(),
      onLevel: (event) => this.#onLevel(event),
    });
    this.#access = new AccessSpecs(() => this.#configuration.stateValue++);
    this.#roSpecs = new ROSpecs({
      port,
      configuration: this.#configuration,
      access: this.#access,
      time: { utc: flavour.utc !== false, micros: (at) => this.#micros(at) },
      report: (tags) => this.#outbox.report(tags),
      event: (event, at) => this.#event(event, at),
    });
  }

  get address(): DeviceAddress {
    return { driver: "llrp", host: "127.0.0.1", port: this.#line.port };
  }

  start(): Promise<void> {
    // A client may be there before the first tick: what it starts begins now, and not with the clock.
    this.tick(this.#options.time.now());
    return this.#line.start();
  }

  async stop(): Promise<void> {
    if (this.#connection !== undefined) {
      // A reader that goes says so (LLRP 1.1 §14.2.6.13).
      this.#outbox.send(notification(this.#nextId(), { ...this.#stamp(), ConnectionCloseEvent: {} }));
      this.#connection.close(true);
    }
    for (const socket of this.#strangers) socket.destroy();
    await this.#line.stop();
  }

  tick(now: number): void {
    this.#roSpecs.tick(now);
  }

  cut(dead: boolean): void {
    this.#dead = dead;
    if (dead) this.#connection?.close();
  }

  antennaChanged(antenna: number, connected: boolean): void {
    if (!this.#configuration.notifies(Notify.Antenna_Event)) return;
    const EventType = connected ? AntennaEventType.Antenna_Connected : AntennaEventType.Antenna_Disconnected;
    this.#event({ AntennaEvent: { EventType, AntennaID: antenna } });
  }

  /** Something went wrong in the reader, at one antenna or altogether (LLRP 1.1 §14.2.6.8). */
  exception(Message: string, antenna?: number): void {
    if (!this.#configuration.notifies(Notify.Reader_Exception_Event)) return;
    const AntennaID = antenna === undefined ? {} : { AntennaID: { AntennaID: antenna } };
    this.#event({ ReaderExceptionEvent: { Message, ...AntennaID } });
  }

  /** Power went and came: nothing is left of what clients told it, and of what it had read. No goodbye. */
  reboot(): void {
    this.#connection?.close();
    this.#roSpecs.clear();
    this.#access.clear();
    this.#configuration.reset();
    this.#outbox.clear();
    this.#outbox.keeps = false;
    this.#bootedAt = this.#options.time.now();
  }

  status(): Readonly<Record<string, unknown>> {
    return {
      connected: this.#connection !== undefined,
      clients: this.#clients,
      version: this.#connection?.version,
      activeROSpec: this.#roSpecs.active,
      waiting: this.#outbox.waiting + this.#roSpecs.gathering,
      lost: this.#outbox.lost,
      holding: this.#outbox.holding,
      dead: this.#dead,
    };
  }

  #accept(socket: Socket): void {
    if (this.#dead) {
      socket.destroy();
      return;
    }
    if (this.#connection !== undefined) this.#refuse(socket);
    else this.#welcome(socket);
  }

  /** One client at a time; the one that is there is told, so that a dead one is found out (§14.2.6.12). */
  #refuse(socket: Socket): void {
    this.#strangers.add(socket);
    socket.on("error", () => socket.destroy());
    socket.on("close", () => this.#strangers.delete(socket));
    socket.resume();
    const Status = Attempt.Failed_A_Client_Initiated_Connection_Already_Exists;
    socket.end(encodeMessage(notification(this.#nextId(), { ...this.#stamp(), ConnectionAttemptEvent: { Status } })));
    const told = { ConnectionAttemptEvent: { Status: Attempt.Another_Connection_Attempted } };
    this.#outbox.send(notification(this.#nextId(), { ...this.#stamp(), ...told }));
  }

  #welcome(socket: Socket): void {
    const outbox = this.#outbox;
    const connection = new Connection({
      socket,
      served: {
        roSpecs: this.#roSpecs,
        access: this.#access,
        configuration: this.#configuration,
        capabilities: {
          band: this.#options.port.region,
          antennas: this.#options.port.antennas,
          firmware: this.#options.firmware,
          flavour: this.#flavour,
        },
        configured: () => this.#configured(),
      },
      send: (message) => outbox.send(message),
      keepaliveAnswered: () => {
        this.#unanswered = 0;
      },
      getReport: () => this.#getReport(),
      enableReports: () => {
        outbox.holding = false;
        outbox.flush();
      },
      drained: () => outbox.flush(),
      closed: () => this.#closed(),
      complain: (problem) => this.#options.log.debug({ reader: this.id, problem }, "a client was let go"),
    });
    this.#clients++;
    this.#connection = connection;
    outbox.holding = this.#configuration.hold;
    outbox.line = connection;
    outbox.send(
      notification(this.#nextId(), { ...this.#stamp(), ConnectionAttemptEvent: { Status: Attempt.Success } }),
    );
    this.#startKeepalives();
    outbox.flush();
  }

  #closed(): void {
    this.#keepalive?.stop();
    this.#connection = undefined;
    this.#outbox.line = undefined;
    if (!this.#configuration.hold) this.#outbox.clear();
  }

  #configured(): void {
    this.#outbox.keeps = this.#configuration.hold;
    this.#startKeepalives();
  }

  #startKeepalives(): void {
    this.#keepalive?.stop();
    this.#keepalive = undefined;
    this.#unanswered = 0;
    const { keepaliveMs } = this.#configuration;
    if (keepaliveMs === 0 || this.#connection === undefined) return;
    // Impinj's keep a client that is gone, unless they are told to watch the link.
    const enough = this.#flavour.vendor === "impinj" ? this.#configuration.linkDownAfter : UNANSWERED;
    this.#keepalive = this.#options.clock.every(keepaliveMs, () => {
      if (enough > 0 && this.#unanswered >= enough) {
        this.#connection?.close();
        return;
      }
      this.#unanswered++;
      this.#outbox.send({ type: "KEEPALIVE", id: this.#nextId() });
    });
  }

  /** Everything there is, held or not; an empty report when there is nothing (§14.1.1). */
  #getReport(): void {
    const waiting = this.#outbox.waiting + this.#roSpecs.gathering;
    this.#roSpecs.flush();
    if (waiting === 0) this.#outbox.send({ type: "RO_ACCESS_REPORT", id: this.#nextId() });
    this.#outbox.flush(true);
  }

  #onLevel(event: ReaderEvent): void {
    const warning = event.ReportBufferLevelWarningEvent !== undefined;
    if (warning && !this.#configuration.notifies(Notify.Report_Buffer_Fill_Warning)) return;
    // Ahead of the reports that wait: the client is to ask for them before more is lost.
    if (this.#outbox.line === undefined || this.#outbox.holding) this.#event(event);
    else this.#outbox.send(notification(this.#nextId(), { ...this.#stamp(), ...event }));
  }

  #event(event: ReaderEvent, at?: number): void {
    this.#outbox.event({ ...this.#stamp(at), ...event });
  }

  #stamp(at = this.#options.time.now()): ReaderEvent {
    const Microseconds = this.#micros(at);
    return this.#flavour.utc === false ? { Uptime: { Microseconds } } : { UTCTimestamp: { Microseconds } };
  }

  /** By the clock that the reader has. */
  #micros(at: number): bigint {
    if (this.#flavour.utc === false) return BigInt(Math.round((at - this.#bootedAt) * 1000));
    return this.#options.time.utc(at);
  }

  #nextId(): number {
    this.#messageId = (this.#messageId + 1) >>> 0;
    return this.#messageId;
  }
}
