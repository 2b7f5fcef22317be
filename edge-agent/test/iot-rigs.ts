import type { ImpinjIotReader as ImpinjConfig, Reader } from "@storeward/contracts";
import { type AntennaPort, ImpinjIotReader } from "@storeward/reader-simulators";
import { createLogger, systemClock, type Timer } from "@storeward/runtime";
import type { AntennaRole, ReaderDriver, ReaderEvent, TagRead } from "../src/readers/driver.js";
import { loadDriver } from "../src/readers/index.js";

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

/** Simulated time that goes with the real one. */
export class RunningTime {
  readonly #start = systemClock.mono();
  #timer: Timer | undefined;

  now(): number {
    return systemClock.mono() - this.#start;
  }

  utc(at: number): bigint {
    return BigInt(Math.round((Date.UTC(2026, 2, 1) + at) * 1000));
  }

  run(device: { tick(now: number): void }): void {
    this.#timer = systemClock.every(10, () => device.tick(this.now()));
  }

  stop(): void {
    this.#timer?.stop();
  }
}

export class ImpinjRig implements ReaderRig {
  readonly bench: Bench;
  readonly device: ImpinjIotReader;
  readonly #time = new RunningTime();
  readonly #config: Partial<ImpinjConfig>;

  constructor(
    options: {
      readonly bench?: Bench;
      readonly config?: Partial<ImpinjConfig>;
      readonly device?: { readonly password?: string; readonly tls?: { key: string; cert: string } };
    } = {},
  ) {
    this.bench = options.bench ?? new Bench();
    this.#config = options.config ?? {};
    this.device = new ImpinjIotReader({
      id: "r",
      port: this.bench,
      time: this.#time,
      clock: systemClock,
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

/** A driver at a rig, and what it told. */
export class Driven {
  readonly events: ReaderEvent[] = [];
  readonly driver: ReaderDriver;

  private constructor(
    reader: Reader,
    roles: ReadonlyMap<number, AntennaRole>,
    create: Awaited<ReturnType<typeof loadDriver>>,
  ) {
    this.driver = create({
      reader,
      roles,
      clock: systemClock,
      log: quiet,
      onEvent: (event) => this.events.push(event),
    });
  }

  static async of(reader: Reader, role: AntennaRole = "portal"): Promise<Driven> {
    const create = await loadDriver(reader.driver);
    return new Driven(reader, new Map(reader.antennas.map(({ antenna }) => [antenna, role])), create);
  }

  get reads(): TagRead[] {
    return this.events.flatMap((event) => (event.type === "reads" ? event.reads : []));
  }

  get rounds(): Extract<ReaderEvent, { type: "round" }>[] {
    return this.events.filter((event) => event.type === "round");
  }

  /** As "watching 1,2". */
  get coverage(): string[] {
    return this.events.flatMap((event) =>
      event.type === "coverage" ? [`${event.state} ${event.antennas.join(",")}`] : [],
    );
  }
}

export async function until(what: string, holds: () => boolean, ms = 10_000): Promise<void> {
  for (const limit = Date.now() + ms; !holds(); await new Promise((resolve) => setTimeout(resolve, 5)))
    if (Date.now() > limit) throw new Error(`it never came to this: ${what}`);
}
