import {
  type ImpinjIotReader as ImpinjConfig,
  type Reader,
  type ZebraIotReader as ZebraConfig,
  zebraTopics,
} from "@storeward/contracts";
import { type AntennaPort, ImpinjIotReader, ZebraIotReader } from "@storeward/reader-simulators";
import { type Clock, createLogger, type ManualClock, systemClock, type Timer } from "@storeward/runtime";
import type { AntennaRole, ReaderDriver, ReaderEvent, TagRead } from "../src/readers/driver.js";
import { loadDriver } from "../src/readers/index.js";
import { AedesBroker, type Broker } from "./brokers.js";

/** A simulated reader of one kind, and what can happen to it: what a suite over all drivers needs. */
export interface ReaderRig {
  /** What the driver is configured with, once started. */
  readonly reader: Reader;
  start(): Promise<void>;
  stop(): Promise<void>;
  /** The reader is gone, and every connection ends. */
  takeDown(): Promise<void>;
  bringUp(): Promise<void>;
  /** Nothing comes from it any more and nothing is closed, until told otherwise. */
  silence(on: boolean): void;
  /** Something that is no message of its protocol, between messages. */
  rubbish(): void;
  /** Whether it transmits. */
  running(): boolean;
}

export const EPCS = ["3034257BF468D480000003EC", "3034257BF468D480000003ED", "3034257BF468D480000003EE"];
export const quiet = createLogger("test", { level: "silent" });

/** Antennas before which tags lie that are always read; `empty` takes them away, `unplugged` are antennas without a cable. */
export class Bench implements AntennaPort {
  readonly antennas: readonly number[];
  readonly region: "ETSI" | "FCC";
  readonly unplugged = new Set<number>();
  readonly powers = new Map<number, number>();
  empty = false;

  constructor(region: "ETSI" | "FCC" = "ETSI", antennas: readonly number[] = [1, 2]) {
    this.region = region;
    this.antennas = antennas;
  }

  turnMs(): number {
    return 50;
  }

  connected(antenna: number): boolean {
    return !this.unplugged.has(antenna);
  }

  read(antenna: number, power: number, from: number) {
    this.powers.set(antenna, power);
    if (this.empty || this.unplugged.has(antenna)) return [];
    return EPCS.map((epc, n) => ({ epc, rssi: -50.25 - n - antenna, at: from + 5 + n, channel: 1, phase: 0 }));
  }
}

/** Simulated time that goes with a clock: the machine's, or one that a test moves. */
export class RunningTime {
  readonly clock: Clock;
  readonly #start: number;
  #timer: Timer | undefined;

  constructor(clock: Clock = systemClock) {
    this.clock = clock;
    this.#start = clock.mono();
  }

  now(): number {
    return this.clock.mono() - this.#start;
  }

  utc(at: number): bigint {
    return BigInt(Math.round((Date.UTC(2026, 2, 1) + at) * 1000));
  }

  run(device: { tick(now: number): void }): void {
    this.#timer = this.clock.every(25, () => device.tick(this.now()));
  }

  stop(): void {
    this.#timer?.stop();
  }
}

export class ImpinjRig implements ReaderRig {
  readonly bench: Bench;
  readonly device: ImpinjIotReader;
  readonly #time: RunningTime;
  readonly #config: Partial<ImpinjConfig>;

  constructor(
    options: {
      readonly clock?: Clock;
      readonly bench?: Bench;
      readonly config?: Partial<ImpinjConfig>;
      readonly device?: { readonly password?: string; readonly tls?: { key: string; cert: string } };
    } = {},
  ) {
    this.bench = options.bench ?? new Bench();
    this.#time = new RunningTime(options.clock);
    this.#config = options.config ?? {};
    this.device = new ImpinjIotReader({
      id: "r",
      port: this.bench,
      time: this.#time,
      clock: this.#time.clock,
      log: quiet,
      serial: "37021340047",
      firmware: "8.2.0.240",
      tcpPort: 0,
      ...options.device,
    });
  }

  get reader(): ImpinjConfig {
    return {
      id: "r",
      agent: "a",
      region: "ETSI",
      driver: "impinj-iot",
      url: this.device.address.url ?? "",
      antennas: [1, 2].map((antenna) => ({ antenna, power: 20.6 })),
      ...this.#config,
    };
  }

  async start(): Promise<void> {
    await this.device.start();
    this.#time.run(this.device);
  }

  async stop(): Promise<void> {
    this.#time.stop();
    await this.device.stop();
  }

  async takeDown(): Promise<void> {
    this.device.refusing = true;
    this.device.reboot();
  }

  async bringUp(): Promise<void> {
    this.device.refusing = false;
  }

  silence(on: boolean): void {
    this.device.cut(on);
  }

  rubbish(): void {
    this.device.rubbish('{"eventType":"tagInven\nnonsense\n{"tagInventoryEvent":{"epcHex":"xyz"}}\n[[[]]]\n');
  }

  running(): boolean {
    return this.device.status().running !== undefined;
  }
}

export class ZebraRig implements ReaderRig {
  readonly bench: Bench;
  readonly broker: Broker;
  readonly #time: RunningTime;
  readonly #config: Partial<ZebraConfig>;
  readonly #heartbeatSeconds: number;
  #device: ZebraIotReader | undefined;

  constructor(
    options: {
      readonly clock?: Clock;
      readonly bench?: Bench;
      readonly broker?: Broker;
      readonly config?: Partial<ZebraConfig>;
      readonly heartbeatSeconds?: number;
    } = {},
  ) {
    this.bench = options.bench ?? new Bench();
    this.#time = new RunningTime(options.clock);
    this.broker = options.broker ?? new AedesBroker();
    this.#config = options.config ?? {};
    this.#heartbeatSeconds = options.heartbeatSeconds ?? 0;
  }

  get device(): ZebraIotReader {
    if (this.#device === undefined) throw new Error("the rig is not started");
    return this.#device;
  }

  get reader(): ZebraConfig {
    return {
      id: "r",
      agent: "a",
      region: "ETSI",
      driver: "zebra-iot",
      url: `mqtt://127.0.0.1:${this.broker.port}`,
      serial: "FX9600F0F4B5",
      antennas: [1, 2].map((antenna) => ({ antenna, power: 20.55 })),
      ...this.#config,
    };
  }

  async start(): Promise<void> {
    await this.broker.start();
    this.#device = new ZebraIotReader({
      id: "r",
      port: this.bench,
      time: this.#time,
      clock: this.#time.clock,
      log: quiet,
      serial: "84248dee5721",
      firmware: "3.28.18.0",
      broker: this.reader.url,
      topics: zebraTopics(this.reader),
      heartbeatSeconds: this.#heartbeatSeconds,
    });
    await this.#device.start();
    this.#time.run(this.#device);
    await until("the reader is at the broker", () => this.device.status().connected === true);
  }

  async stop(): Promise<void> {
    this.#time.stop();
    await this.#device?.stop();
    this.#device = undefined;
    await this.broker.kill();
  }

  async takeDown(): Promise<void> {
    this.device.reboot();
    await this.device.stop();
  }

  async bringUp(): Promise<void> {
    await this.device.start();
  }

  silence(on: boolean): void {
    this.device.cut(on);
  }

  rubbish(): void {
    for (const payload of ['{"data":{"idH', "nonsense", "", '{"data":{"idHex":"xyz"}}', "[[[]]]", "42"])
      this.device.rubbish(payload);
  }

  running(): boolean {
    return this.device.status().running !== undefined;
  }
}

/** A driver at a rig, and what it told. */
export class Driven {
  readonly events: ReaderEvent[] = [];
  readonly driver: ReaderDriver;
  readonly reader: Reader;

  private constructor(reader: Reader, role: AntennaRole, clock: Clock, create: Awaited<ReturnType<typeof loadDriver>>) {
    this.reader = reader;
    const roles = new Map(reader.antennas.map(({ antenna }) => [antenna, role]));
    this.driver = create({ reader, roles, clock, log: quiet, onEvent: (event) => this.events.push(event) });
  }

  static async of(reader: Reader, role: AntennaRole = "portal", clock: Clock = systemClock): Promise<Driven> {
    return new Driven(reader, role, clock, await loadDriver(reader.driver));
  }

  get reads(): TagRead[] {
    return this.events.flatMap((event) => (event.type === "reads" ? event.reads : []));
  }

  get rounds(): Extract<ReaderEvent, { type: "round" }>[] {
    return this.events.filter((event) => event.type === "round");
  }

  /** Since when it was first blind, mono ms; NaN where it never was. */
  get blindSince(): number {
    const blind = this.events.find((event) => event.type === "coverage" && event.state === "blind");
    return blind?.type === "coverage" ? blind.since : Number.NaN;
  }

  /** As "watching 1,2". */
  get coverage(): string[] {
    return this.events.flatMap((event) =>
      event.type === "coverage" ? [`${event.state} ${event.antennas.join(",")}`] : [],
    );
  }
}

/** Lets a driver's time pass while the reader, whose time is real, goes on; until something holds where it is said. */
export async function pass(clock: ManualClock, ms: number, holds: () => boolean = () => false): Promise<void> {
  for (const end = clock.mono() + ms; clock.mono() < end && !holds(); ) {
    await clock.advance(100);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

export async function until(what: string, holds: () => boolean, ms = 40_000): Promise<void> {
  for (const limit = Date.now() + ms; !holds(); await new Promise((resolve) => setTimeout(resolve, 5)))
    if (Date.now() > limit) throw new Error(`it never came to this: ${what}`);
}
