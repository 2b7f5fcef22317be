import type { Reader } from "@storeward/contracts";
import type { AntennaPort } from "@storeward/reader-simulators";
import { type Clock, createLogger } from "@storeward/runtime";
import type { AntennaRole, ReaderDriver, ReaderEvent, TagRead } from "../src/readers/driver.js";
import { loadDriver } from "../src/readers/index.js";
import { SkippingClock } from "./readers/skipping-clock.js";

/** A simulated reader with a line that a test can tamper with. */
export interface ReaderRig {
  /** The configuration with which a driver reaches it. */
  readonly reader: Reader;
  /** Links to the reader that are open now, and whether there ever was one. */
  readonly connections: number;
  readonly connected: boolean;
  /** Ends every link and refuses new ones, as a reader without power does. */
  takeDown(): Promise<void>;
  bringUp(): Promise<void>;
  /** The link stays, but nothing passes. */
  silence(silent: boolean): void;
  /** Speaks to the driver as if the reader did. */
  say(bytes: Uint8Array): Promise<void>;
  stop(): Promise<void>;
}

export interface ReaderUnderTest {
  readonly name: string;
  /** How long the driver may believe a reader that says nothing, ms. */
  readonly watchMs: number;
  /** How many times faster than the machine's the time of the reader runs, and with it the driver's: for long rounds. */
  readonly pace?: number;
  /** Antennas that the reader has; at least the first is used. */
  readonly antennas: readonly number[];
  start(field: AntennaPort): Promise<ReaderRig>;
}

export const EPCS = ["3034257BF468D480000003EC", "3034257BF468D480000003ED", "3034257BF468D480000003EE"];
/** What a test runs faster than time while it waits for what a driver does by its clock. */
const HURRY = 10;
/** A reader's clock is known no better, ms. */
const CLOCKS_MS = 5;
/** Turns of the event loop in which what lies in a socket gets through the parts of a test, each of which reads and passes it on. */
const HOPS = 20;
const log = createLogger("test", { level: "silent" });

export async function onBench(under: ReaderUnderTest, body: (bench: Bench) => Promise<void>): Promise<void> {
  const bench = new Bench(under);
  try {
    await body(bench);
  } finally {
    await bench.stop();
  }
}

/** Readers and drivers of one test, which end with it. */
export class Bench {
  readonly #under: ReaderUnderTest;
  readonly #open: { stop(): Promise<unknown> }[] = [];

  constructor(under: ReaderUnderTest) {
    this.#under = under;
  }

  /** A reader before whose antennas three tags lie that are always read, where nothing else is said. */
  async rig(read: AntennaPort["read"] = readAll): Promise<ReaderRig> {
    const rig = await this.#under.start({
      antennas: this.#under.antennas,
      region: "ETSI",
      turnMs: () => 50,
      connected: () => true,
      read,
    });
    this.#open.push(rig);
    return rig;
  }

  async drive(rig: ReaderRig, role: AntennaRole = "shelf", take: () => void = () => undefined): Promise<Driven> {
    const clock = new SkippingClock();
    const events: ReaderEvent[] = [];
    const create = await loadDriver(rig.reader.driver);
    const roles = new Map(rig.reader.antennas.map(({ antenna }) => [antenna, role]));
    const onEvent = (event: ReaderEvent) => {
      events.push(event);
      take();
    };
    const driver = create({ reader: rig.reader, roles, clock, log, onEvent });
    this.#open.push(driver);
    return new Driven(driver, clock, events, this.#under.pace);
  }

  async watching(role: AntennaRole = "shelf", read?: AntennaPort["read"]): Promise<{ rig: ReaderRig; driven: Driven }> {
    const rig = await this.rig(read);
    const driven = await this.drive(rig, role);
    await driven.driver.start();
    await driven.until(() => driven.rounds.length >= 3, "three rounds");
    return { rig, driven };
  }

  async stop(): Promise<void> {
    for (const part of this.#open.reverse()) await part.stop();
  }
}

const readAll: AntennaPort["read"] = (antenna, _power, from) =>
  EPCS.map((epc, index) => ({ epc, rssi: -50 - index - antenna, at: from + 5 + index, channel: 1, phase: 0 }));

/**
 * What a reader reads where each turn of an antenna reads a tag of its own: so it is known of each read how late the reader itself had it to
 * give, on a machine that comes late to everything.
 */
export class Turns {
  /** Once this is there, turns are remembered. */
  clock: Clock | undefined;
  /** By EPC: the antenna, and how long after the turn's end by the reader's clock it was carried out, mono ms of no known beginning. */
  readonly #given = new Map<string, { readonly antenna: number; readonly behind: number }>();
  #count = 0;

  readonly read: AntennaPort["read"] = (antenna, _power, from, to) => {
    const epc = `3034257BF468D48${(this.#count++).toString(16).toUpperCase().padStart(9, "0")}`;
    if (this.clock !== undefined) this.#given.set(epc, { antenna, behind: this.clock.mono() - to });
    return [{ epc, rssi: -50, at: from + 5, channel: 1, phase: 0 }];
  };

  countOf(antenna: number): number {
    return [...this.#given.values()].filter((turn) => turn.antenna === antenna).length;
  }

  areTold(reads: readonly TagRead[]): boolean {
    const told = new Set(reads.map(({ epc }) => epc));
    return [...this.#given.keys()].every((epc) => told.has(epc));
  }

  /** Reads of remembered turns that were told behind a round that says that it ended after them, and not because the reader was late. */
  toldLate(events: readonly ReaderEvent[]): unknown[] {
    const inTime = Math.min(...[...this.#given.values()].map(({ behind }) => behind));
    return events.flatMap((event, index) => {
      if (event.type !== "reads") return [];
      const rounds = events.slice(0, index).filter((one) => one.type === "round");
      return event.reads.flatMap(({ epc, antenna, last }) => {
        const given = this.#given.get(epc);
        if (given === undefined) return [];
        const until = last + CLOCKS_MS + given.behind - inTime;
        const late = rounds.find((round) => round.antennas.includes(antenna) && round.at > until);
        return late === undefined ? [] : [{ epc, antenna, last, behind: given.behind - inTime, round: late.at }];
      });
    });
  }
}

type Coverage = Extract<ReaderEvent, { type: "coverage" }>;
type Round = Extract<ReaderEvent, { type: "round" }>;

/** A driver with what it has told. */
class Driven {
  readonly driver: ReaderDriver;
  readonly clock: SkippingClock;
  readonly events: ReaderEvent[];
  readonly #pace: number;

  constructor(driver: ReaderDriver, clock: SkippingClock, events: ReaderEvent[], pace = 1) {
    this.driver = driver;
    this.clock = clock;
    this.events = events;
    this.#pace = pace;
  }

  get reads(): TagRead[] {
    return this.events.flatMap((event) => (event.type === "reads" ? event.reads : []));
  }

  get rounds(): Round[] {
    return this.events.filter((event) => event.type === "round");
  }

  get coverage(): Coverage[] {
    return this.events.filter((event) => event.type === "coverage");
  }

  roundsOf(antenna: number): Round[] {
    return this.rounds.filter(({ antennas }) => antennas.includes(antenna));
  }

  /** Antennas that watch, as far as was told. */
  watches(): number[] {
    const states = new Map<number, string>();
    for (const { antennas, state } of this.coverage) for (const antenna of antennas) states.set(antenna, state);
    return [...states].filter(([, state]) => state === "watching").map(([antenna]) => antenna);
  }

  /** Everything counted on the link. */
  counted(): number {
    return Object.values(this.driver.health().counters).reduce((sum, count) => sum + count, 0);
  }

  /** Waits for something; each 10 ms the driver's clock skips `skipMs`, or keeps the reader's pace, and is never ahead of it. */
  async until(condition: () => boolean, what: string, skipMs?: number): Promise<void> {
    const limit = performance.now() + 40_000;
    const skip = skipMs ?? 10 * (this.#pace - 1);
    while (!condition()) {
      if (performance.now() > limit)
        throw new Error(`timed out: ${what}; ${JSON.stringify(this.driver.health())}; ${this.coverage.length} changes`);
      await pause(10);
      if (skip > 0) this.clock.skip(skip);
    }
  }

  hurryUntil(condition: () => boolean, what: string): Promise<void> {
    return this.until(condition, what, 10 * (HURRY - 1));
  }
}

/** What is on the way within this process has arrived. */
export async function everythingRead(): Promise<void> {
  for (let hop = 0; hop < HOPS; hop++) await new Promise((resolve) => setImmediate(resolve));
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
