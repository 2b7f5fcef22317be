import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { Reader } from "@storeward/contracts";
import type { AntennaPort } from "@storeward/reader-simulators";
import { type Clock, createLogger } from "@storeward/runtime";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
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

const EPCS = ["3034257BF468D480000003EC", "3034257BF468D480000003ED", "3034257BF468D480000003EE"];
/** What a test runs faster than time while it waits for what a driver does by its clock. */
const HURRY = 10;
/** A reader's clock is known no better, ms. */
const CLOCKS_MS = 5;
/** Turns of the event loop in which what lies in a socket gets through the parts of a test, each of which reads and passes it on. */
const HOPS = 20;
/** Less than any driver waits for an answer. */
const STOP_LIMIT_MS = 2_900;
const log = createLogger("test", { level: "silent" });

/** What every driver promises, against a simulated reader that speaks real bytes. Each has a bench of its own, and waits beside the others. */
export function driverContract(under: ReaderUnderTest): void {
  describe.concurrent(`the driver of a reader: ${under.name}`, { timeout: 60_000 }, () => {
    const guarantee = (name: string, body: (bench: Bench) => Promise<void>) => it(name, () => onBench(under, body));

    guarantee("has no effect before its start", async (bench) => {
      const rig = await bench.rig();
      const { clock, events, driver } = await bench.drive(rig);
      await pause(50);
      expect([rig.connected, events.length, clock.pending, driver.health().state]).toEqual([false, 0, 0, "stopped"]);
    });

    for (const role of ["shelf", "portal"] as const)
      guarantee(
        `tells every antenna of a ${role} watching, then its reads, then the round that they were read in`,
        async (bench) => {
          const turns = new Turns();
          const { rig, driven } = await bench.watching(role, turns.read);
          turns.clock = driven.clock;
          const numbers = rig.reader.antennas.map(({ antenna }) => antenna);
          const enough = () =>
            numbers.every((antenna) => driven.roundsOf(antenna).length >= 7 && turns.countOf(antenna) >= 4);
          await driven.until(enough, "rounds and turns of each antenna");
          turns.clock = undefined;
          await driven.until(() => turns.areTold(driven.reads), "what was read");
          expect(driven.watches().sort()).toEqual(numbers);
          expect(driven.coverage.map(({ state }) => state)).not.toContain("blind");
          expect(turns.toldLate(driven.events)).toEqual([]);
          expect(driven.driver.health()).toMatchObject({ state: "watching" });
          expect(driven.driver.health().error).toBeUndefined();
          expect(driven.driver.health().model).toMatch(/\w/);
        },
      );

    guarantee("gives reads with EPC, antenna, RSSI and times that fit", async (bench) => {
      const startedAt = new SkippingClock().mono();
      const { rig, driven } = await bench.watching();
      const numbers = rig.reader.antennas.map(({ antenna }) => antenna);
      expect(new Set(driven.reads.map(({ epc }) => epc))).toEqual(new Set(EPCS));
      for (const { epc, antenna, rssi, first, last, count } of driven.reads) {
        expect(epc).toMatch(/^(?:[0-9A-F]{4})+$/);
        expect(numbers).toContain(antenna);
        // The simulated tag lies at -50 - index - antenna dBm.
        expect(Math.abs(rssi + 50 + EPCS.indexOf(epc) + antenna)).toBeLessThanOrEqual(1);
        expect(first).toBeLessThanOrEqual(last);
        expect(first).toBeGreaterThan(startedAt - 1_000);
        expect(last).toBeLessThan(driven.clock.mono() + 50);
        expect(count).toBeGreaterThanOrEqual(1);
      }
      const ends = driven.rounds.map(({ at }) => at);
      expect(ends).toEqual(ends.toSorted((a, b) => a - b));
    });

    guarantee(
      "is blind since the last sign of life of a reader that is taken down, and watches when it is back",
      async (bench) => {
        const { rig, driven } = await bench.watching();
        const lastRound = driven.rounds.at(-1)?.at ?? 0;
        await rig.takeDown();
        await everythingRead();
        const downAt = driven.clock.mono();
        await driven.until(() => driven.watches().length === 0, "blind");
        const blind = driven.coverage.at(-1);
        expect(blind?.state).toBe("blind");
        expect(blind?.since).toBeGreaterThanOrEqual(lastRound - 5);
        expect(blind?.since).toBeLessThanOrEqual(downAt);
        expect(driven.driver.health().state).not.toBe("watching");
        // In words: more than a code.
        await driven.until(() => /\w+ \w+ \w+/.test(driven.driver.health().error ?? ""), "what is wrong");
        await rig.bringUp();
        const before = driven.events.length;
        await driven.hurryUntil(() => driven.watches().length === rig.reader.antennas.length, "watching again");
        await driven.until(() => driven.events.slice(before).some(({ type }) => type === "round"), "a round again");
        expect(driven.driver.health().error).toBeUndefined();
      },
    );

    guarantee("is blind within its watch period when the reader falls silent, since its last word", async (bench) => {
      const { rig, driven } = await bench.watching();
      rig.silence(true);
      await everythingRead();
      const [silentAt, began] = [driven.clock.mono(), performance.now()];
      await driven.until(() => driven.watches().length === 0, "blind", 500);
      // A busy machine comes late to its timers, by no more than the real time that this took.
      const late = performance.now() - began;
      expect(driven.clock.mono() - silentAt).toBeLessThan(under.watchMs + 1_000 + late);
      expect(driven.coverage.at(-1)?.since).toBeLessThanOrEqual(silentAt);
      expect(driven.driver.health().error).toMatch(/\w+ \w+ \w+/);
      rig.silence(false);
      await driven.hurryUntil(() => driven.watches().length === rig.reader.antennas.length, "watching again");
      await driven.until(() => driven.reads.length > 0, "reads");
    });

    guarantee("counts rubbish, and reads what is good again", async (bench) => {
      const { rig, driven } = await bench.watching();
      const rubbish = fc.sample(fc.uint8Array({ minLength: 1, maxLength: 600 }), { numRuns: 20, seed: 7 });
      const text = ["\r\n", "EP: 30\r\nOK:\r\n", "+CMINV: 3\r\n", "Tag:30\r\n\0", "<?xml>\n", '{"a":\n'];
      const before = driven.counted();
      for (const bytes of [...rubbish, ...text.map((line) => Buffer.from(line, "latin1"))]) {
        await rig.say(bytes);
        await pause(2);
      }
      await driven.until(() => driven.counted() > before, "counted");
      const from = driven.events.length;
      const again = () => driven.events.slice(from).some(({ type }) => type === "round");
      await driven.hurryUntil(() => again() && driven.watches().length === rig.reader.antennas.length, "reads again");
      // Whatever the noise looked like, it became no tag.
      expect(driven.reads.filter(({ epc }) => !EPCS.includes(epc))).toEqual([]);
    });

    guarantee("takes over a reader that an agent before it left reading", async (bench) => {
      const { rig, driven: before } = await bench.watching();
      // The agent before dies: its line is cut, and the reader is told nothing.
      await rig.takeDown();
      await before.driver.stop();
      await rig.bringUp();
      const after = await bench.drive(rig);
      await after.driver.start();
      await after.hurryUntil(() => after.rounds.length >= 2 && after.reads.length > 0, "reads");
      expect(after.watches().sort()).toEqual(rig.reader.antennas.map(({ antenna }) => antenna));
    });

    guarantee("goes on when what it tells cannot be taken, and counts it", async (bench) => {
      const rig = await bench.rig();
      const driven = await bench.drive(rig, "shelf", () => {
        throw new RangeError("full");
      });
      await driven.driver.start();
      await driven.until(() => driven.rounds.length >= 3 && driven.reads.length > 0, "rounds");
      expect(driven.driver.health().state).toBe("watching");
      expect(driven.counted()).toBeGreaterThan(0);
    });

    guarantee(
      "leaves the reader free and nothing behind when it stops, also twice, and starts again",
      async (bench) => {
        const { rig, driven } = await bench.watching();
        await driven.driver.stop();
        await driven.driver.stop();
        expect(driven.clock.pending).toBe(0);
        expect(driven.driver.health().state).toBe("stopped");
        await driven.until(() => rig.connections === 0, "the link to be free");
        const told = driven.events.length;
        await pause(100);
        expect(driven.events.length).toBe(told);
        await driven.driver.start();
        await driven.hurryUntil(() => driven.events.slice(told).some(({ type }) => type === "round"), "reads again");
      },
    );

    guarantee("stops at once while the reader does not answer", async (bench) => {
      const { rig, driven } = await bench.watching();
      await rig.takeDown();
      await driven.until(() => driven.watches().length === 0, "blind");
      rig.silence(true);
      await rig.bringUp();
      await driven.hurryUntil(() => rig.connections > 0, "connected");
      const start = performance.now();
      await driven.driver.stop();
      expect(performance.now() - start).toBeLessThan(STOP_LIMIT_MS);
      // A request that was broken off says so in one of the next turns of the event loop.
      await driven.until(() => driven.clock.pending === 0, "no timer without an owner");
    });
  });
}

/** What every driver promises of memory: measured while nothing else happens in this process. */
export function driverMemoryContract(under: ReaderUnderTest): void {
  it(`the driver of a reader, ${under.name}, holds little of a line that never ends`, { timeout: 60_000 }, () =>
    onBench(under, async (bench) => {
      const { rig, driven } = await bench.watching();
      const noise = new Uint8Array(256 * 1024).fill(65);
      const before = await memory();
      for (let i = 0; i < 64; i++) await rig.say(noise);
      // What is still on its way is nobody's hoard.
      const little = async () => (await memory()) - before < 8 * 1024 * 1024;
      const limit = performance.now() + 40_000;
      let isLittle = await little();
      for (; !isLittle && performance.now() < limit; isLittle = await little()) await pause(50);
      expect(isLittle).toBe(true);
      await rig.say(Buffer.from("\r\n"));
      const from = driven.events.length;
      const again = () => driven.events.slice(from).some(({ type }) => type === "round");
      await driven.hurryUntil(() => again() && driven.watches().length === rig.reader.antennas.length, "reads again");
    }),
  );
}

async function onBench(under: ReaderUnderTest, body: (bench: Bench) => Promise<void>): Promise<void> {
  const bench = new Bench(under);
  try {
    await body(bench);
  } finally {
    await bench.stop();
  }
}

/** Readers and drivers of one test, which end with it. */
class Bench {
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
class Turns {
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
async function everythingRead(): Promise<void> {
  for (let hop = 0; hop < HOPS; hop++) await new Promise((resolve) => setImmediate(resolve));
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

/** Bytes in use after a collection, and one of what the first one finalised. */
async function memory(): Promise<number> {
  collect();
  await pause(10);
  collect();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}
