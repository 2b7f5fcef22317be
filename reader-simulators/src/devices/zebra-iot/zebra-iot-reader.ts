import type { ZebraTopics } from "@storeward/contracts";
import type { Clock, Logger, Timer } from "@storeward/runtime";
import type { AntennaPort, Device, DeviceAddress, DeviceTime } from "../antenna-port.js";
import { channelsOf } from "../llrp/capabilities.js";
import { Inventory } from "./inventory.js";
import { MqttLine } from "./mqtt-line.js";
import { isObject, type JsonObject, type OperatingMode, operatingMode, POWER } from "./operating-mode.js";

export interface ZebraIotReaderOptions {
  readonly id: string;
  readonly port: AntennaPort;
  readonly time: DeviceTime;
  readonly clock: Clock;
  readonly log: Logger;
  readonly serial: string;
  readonly firmware: string;
  /** The broker that it publishes to: mqtt://host:port. */
  readonly broker: string;
  readonly username?: string;
  readonly password?: string;
  readonly topics: ZebraTopics;
  /** 0: no heartbeats. */
  readonly heartbeatSeconds?: number;
}

type Answer = { readonly payload: JsonObject } | { readonly failure: string };

const RECONNECT_MS = 500;
const HEARTBEAT_S = 60;
/** No longer messages are published (RFD40/RFD90 MQTT API, "Telemetry"). */
const MAX_MESSAGE = 6_144;

/**
 * A simulated fixed reader with Zebra's IoT Connector (FX9600): tag data, management events, and the management and control commands
 * that set and start a mode, over MQTT 3.1.1 at QoS 0. It connects to a broker, again and again; it listens nowhere.
 */
export class ZebraIotReader implements Device {
  readonly id: string;
  readonly driver = "zebra-iot";
  readonly #options: ZebraIotReaderOptions;
  #line: MqttLine | undefined;
  #again: Timer | undefined;
  #heartbeat: Timer | undefined;
  #mode: OperatingMode;
  #inventory: Inventory | undefined;
  #now: number;
  #startedAt: number;
  #eventNum = 0;
  #silent = false;
  #stopped = true;
  /** Under which rules it says that it works. */
  regulatoryStandard: string;
  /** How far its clock is off, ms. */
  clockOffset = 0;
  /** Commands that it does not know, as an older firmware. */
  readonly unknown = new Set<string>();
  /** It says that it has set a mode, and has set another power: what it does not support, it drops without a word. */
  dropsPower = false;

  constructor(options: ZebraIotReaderOptions) {
    this.#options = options;
    this.id = options.id;
    const { port, time } = options;
    this.regulatoryStandard = port.region;
    this.#now = time.now();
    this.#startedAt = this.#now;
    this.#mode = factoryMode(port);
  }

  get address(): DeviceAddress {
    return { driver: "zebra-iot", url: this.#options.broker };
  }

  /** Resolves at once: the broker may come later. */
  async start(): Promise<void> {
    const { clock, heartbeatSeconds = HEARTBEAT_S } = this.#options;
    this.#stopped = false;
    this.#connect();
    if (heartbeatSeconds > 0) this.#heartbeat = clock.every(heartbeatSeconds * 1000, () => this.#beat());
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#again?.stop();
    this.#heartbeat?.stop();
    this.hangUp();
  }

  tick(now: number): void {
    this.#now = now;
    const { topics } = this.#options;
    const type = String(this.#mode.asSet.type);
    for (const { at, data } of this.#inventory?.tick(now) ?? []) {
      const event = { data: { eventNum: ++this.#eventNum, ...data }, timestamp: this.#iso(at), type };
      this.#publish(topics.data, event);
    }
  }

  /** Its network swallows everything; no connection is closed. */
  cut(dead: boolean): void {
    this.#silent = dead;
  }

  /** It has no event for it: heartbeats and `get_status` say so. */
  antennaChanged(): void {}

  /** Its connection to the broker ends; it connects again. */
  hangUp(): void {
    this.#line?.destroy();
  }

  /** Everything is as after the power came back: the factory's mode, no inventory. */
  reboot(): void {
    this.#inventory = undefined;
    this.#mode = factoryMode(this.#options.port);
    this.#startedAt = this.#now;
    this.#eventNum = 0;
    this.hangUp();
  }

  /** Somebody else ends the inventory. */
  endInventory(): void {
    this.#inventory = undefined;
  }

  inputChanged(pin: number, high: boolean): void {
    const data = { pin, state: high ? "HIGH" : "LOW" };
    this.#publish(this.#options.topics.events, { type: "gpi", timestamp: this.#iso(this.#now), data });
  }

  /** A payload that is no message, among the tag data. */
  rubbish(payload: string): void {
    if (!this.#silent) this.#line?.publish(this.#options.topics.data, payload);
  }

  status(): Readonly<Record<string, unknown>> {
    return { connected: this.#line?.open ?? false, running: this.#inventory?.antennas, dead: this.#silent };
  }

  #connect(): void {
    const { broker, username, password, topics, clock, id } = this.#options;
    this.#line = new MqttLine({
      url: broker,
      clientId: `zebra-${id}`,
      username,
      password,
      subscriptions: [...new Set([topics.managementCommand, topics.controlCommand])],
      clock,
      onOpen: () => undefined,
      onMessage: (topic, payload) => this.#take(topic, payload),
      onClosed: () => {
        this.#line = undefined;
        if (!this.#stopped) this.#again = clock.after(RECONNECT_MS, () => this.#connect());
      },
    });
  }

  #publish(topic: string, message: JsonObject): void {
    const text = JSON.stringify(message);
    if (!this.#silent && text.length <= MAX_MESSAGE) this.#line?.publish(topic, text);
  }

  #take(topic: string, payload: Buffer): void {
    if (this.#silent) return;
    const { topics } = this.#options;
    const management = topic === topics.managementCommand;
    let message: unknown;
    try {
      message = JSON.parse(payload.toString("utf8"));
    } catch {
      return;
    }
    if (!isObject(message)) return;
    const { command, command_id } = message;
    const answer = this.#perform(String(command), message.payload);
    const result =
      "payload" in answer
        ? { response: "success", payload: answer.payload }
        : { response: "failure", payload: { message: answer.failure } };
    this.#publish(management ? topics.managementResponse : topics.controlResponse, { command, command_id, ...result });
  }

  #perform(command: string, payload: unknown): Answer {
    const { port, serial, firmware } = this.#options;
    if (this.unknown.has(command)) return { failure: "unrecognized command" };
    switch (command) {
      case "get_version":
        return {
          payload: { model: "FX9600", serialNumber: serial, readerApplication: firmware, radioFirmware: "2.1.14.0" },
        };
      case "get_status":
        return { payload: this.#radioStatus() };
      case "get_region":
        return {
          payload: {
            region: port.region === "ETSI" ? "Germany" : "US",
            regulatoryStandard: this.regulatoryStandard,
            lbtEnabled: false,
            channelData: channelsOf(port.region),
            minTxPowerSupported: POWER.least * 10,
            maxTxPowerSupported: POWER.most[port.region] * 10,
          },
        };
      case "get_mode":
        return { payload: this.dropsPower ? { ...this.#mode.asSet, transmitPower: 30 } : this.#mode.asSet };
      case "set_mode": {
        if (this.#inventory !== undefined) return { failure: "the radio is reading" };
        const mode = operatingMode(payload, port.antennas, port.region);
        if (typeof mode === "string") return { failure: mode };
        this.#mode = mode;
        return { payload: {} };
      }
      case "start":
        if (this.#inventory !== undefined) return { failure: "start currently ongoing" };
        this.#inventory = new Inventory(port, this.#mode, this.#now);
        return { payload: {} };
      case "stop":
        if (this.#inventory === undefined) return { failure: "the radio is not reading" };
        this.#inventory = undefined;
        return { payload: {} };
      default:
        return { failure: "unrecognized command" };
    }
  }

  /** `radioActivitiy` is written so in the interface's own description. */
  #radioStatus(): JsonObject {
    return {
      uptime: `0 days ${new Date(Math.max(0, this.#now - this.#startedAt)).toISOString().slice(11, 19)}`,
      systemTime: this.#iso(this.#now),
      radioConnection: "connected",
      radioActivitiy: this.#inventory === undefined ? "inactive" : "active",
      antennas: this.#antennas(),
      temperature: 31,
      powerSource: "DC",
    };
  }

  #antennas(): Record<string, string> {
    const { port } = this.#options;
    return Object.fromEntries(
      port.antennas.map((antenna) => [String(antenna), port.connected(antenna) ? "connected" : "disconnected"]),
    );
  }

  #beat(): void {
    const radio = {
      status: "running",
      radioActivity: this.#inventory === undefined ? "inactive" : "active",
      radioConnection: "connected",
      antennas: this.#antennas(),
    };
    this.#publish(this.#options.topics.events, {
      type: "heartbeat",
      eventNum: this.#eventNum,
      timestamp: this.#iso(this.#now),
      data: { radio_control: radio },
    });
  }

  /** As the reader writes it: an offset without a colon. */
  #iso(at: number): string {
    const utc = Number(this.#options.time.utc(at) / 1000n) + this.clockOffset;
    return new Date(utc).toISOString().replace("Z", "+0000");
  }
}

function factoryMode(port: AntennaPort): OperatingMode {
  const mode = operatingMode({ type: "SIMPLE" }, port.antennas, port.region);
  if (typeof mode === "string") throw new TypeError(mode);
  return mode;
}
