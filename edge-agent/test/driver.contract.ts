import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Bench, EPCS, everythingRead, onBench, pause, type ReaderUnderTest, Turns } from "./driver-bench.js";
import { SkippingClock } from "./readers/skipping-clock.js";

/** Less than any driver waits for an answer. */
const STOP_LIMIT_MS = 2_900;

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
      const [began, silentAt] = [performance.now(), driven.clock.mono()];
      await driven.until(() => driven.watches().length === 0, "blind", 500);
      // A busy machine comes late to its timers, by no more than the real time that this took.
      const [took, late] = [driven.clock.mono() - silentAt, performance.now() - began];
      expect(took).toBeLessThan(under.watchMs + 1_000 + late);
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
