import type { Reader } from "@storeward/contracts";
import type { AntennaPort } from "@storeward/reader-simulators";
import { type Clock, createLogger, type ManualClock, systemClock, type Timer } from "@storeward/runtime";
import { afterEach } from "vitest";
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

/** What a test has started, and what ends with it: the last first. */
export const open: { stop(): Promise<void> }[] = [];
afterEach(async () => {
  for (const part of open.splice(0).reverse()) await part.stop();
});

/** Starts a reader and its driver, both of which end with the test. */
export async function drive<R extends ReaderRig>(
  rig: R,
  role: AntennaRole = "portal",
  clock: Clock = systemClock,
): Promise<{ rig: R; driven: Driven }> {
  await rig.start();
  open.push(rig);
  const driven = await Driven.of(rig.reader, role, clock);
  open.push(driven.driver);
  await driven.driver.start();
  return { rig, driven };
}

export const started = ({ driver }: Driven) => until("it reads", () => driver.health().state === "watching");
/** What the driver says is wrong; empty while nothing is. */
export const error = ({ driver }: Driven) => driver.health().error ?? "";

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
