import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { epcOf, filled, Rig, shelves } from "../../test/filter-rig.js";
import type { TagRead } from "../readers/driver.js";
import { SeenRule } from "./seen-rule.js";
import { MAX_TAGS } from "./shelf/known-tags.js";
import { StrengthSum } from "./strength.js";

const seeds = fc.integer({ min: 0, max: 100_000 });
const ROUND_MS = 400;

/** Rounds from when a tag that is read in a share of them is taken away until it is told, between others that stay; mean of some. */
function roundsUntilDeparted(rate: number, seed: number): number {
  let rounds = 0;
  const runs = 6;
  for (let run = 0; run < runs; run++) {
    const rig = new Rig(seed * runs + run);
    shelves(rig);
    const others = filled(9, () => 2);
    const tag = epcOf(1_000);
    const turn = (there: boolean) => {
      rig.now += ROUND_MS;
      const reads: TagRead[] = [];
      for (const epc of others.keys()) if (rig.random() < 0.8) reads.push(rig.read(epc, 2, -50));
      if (there && rig.random() < rate) reads.push(rig.read(tag, 2, -55));
      rig.event("shelf", { type: "reads", reads });
      rig.event("shelf", { type: "round", antennas: [1, 2, 3], at: rig.now });
    };
    for (let round = 0; round < 300; round++) turn(true);
    if (rig.places().get(tag)?.join() !== "b2") throw new Error("it has not arrived");
    const told = () => rig.of("departed").some((draft) => draft.tag.epc === tag && draft.decided > taken);
    const taken = rig.now;
    for (; !told(); rounds++) turn(false);
  }
  return rounds / runs;
}

describe("presence adapts to how each tag is read", () => {
  it("the rarer a tag is read, the longer it takes until it has departed, and never less than its misses need", () => {
    fc.assert(
      fc.property(seeds, fc.double({ min: 0.25, max: 0.5, noNaN: true }), (seed, rate) => {
        const rare = roundsUntilDeparted(rate, seed);
        const often = roundsUntilDeparted(rate + 0.4, seed);
        expect(rare).toBeGreaterThan(often);
        // SMURF's window, complete but for one tag in a hundred, has so many rounds: w* = ln(1/δ)/p.
        expect(rare).toBeGreaterThanOrEqual(Math.log(100) / rate);
      }),
      { numRuns: 8 },
    );
  });

  it("nothing departs to nowhere while its board is blind or doubtful, whenever that is and whatever was taken", () => {
    const step = fc.record({
      rounds: fc.integer({ min: 1, max: 40 }),
      cover: fc.option(
        fc.record({ antenna: fc.integer({ min: 1, max: 3 }), state: fc.constantFrom("watching", "blind", "doubtful") }),
      ),
      take: fc.option(fc.nat(11)),
    });
    let departures = 0;
    fc.assert(
      fc.property(seeds, fc.array(step, { minLength: 3, maxLength: 12 }), (seed, steps) => {
        const rig = new Rig(seed);
        shelves(rig);
        const where = filled(12);
        rig.shelf(where, 15_000);
        for (const { rounds, cover, take } of steps) {
          if (cover !== null) rig.cover("shelf", [cover.antenna], cover.state as "blind");
          if (take !== null) where.delete(epcOf(take));
          rig.shelf(where, rounds * ROUND_MS);
        }
        const state = new Map<string, string>();
        rig.told.forEach(({ draft }, index) => {
          if (draft.type === "coverage") state.set(draft.readPoint, draft.state);
          if (draft.type !== "departed") return;
          departures++;
          const next = rig.told[index + 1]?.draft;
          const moved = next?.type === "arrived" && next.tag.epc === draft.tag.epc;
          if (!moved) expect(state.get(draft.readPoint)).toBe("watching");
        });
      }),
      { numRuns: 40 },
    );
    expect(departures).toBeGreaterThan(20);
  });

  it("on return an inventory says what is there: whatever happened meanwhile is told once, and nothing else", () => {
    fc.assert(
      fc.property(
        seeds,
        fc.subarray([...Array(9).keys()]),
        fc.integer({ min: 1, max: 900_000 }),
        (seed, gone, away) => {
          const rig = new Rig(seed);
          shelves(rig);
          const where = filled(12);
          rig.shelf(where, 20_000, { own: 0.95 });
          rig.cover("shelf", [1, 2, 3], "blind");
          rig.now += away;
          for (const n of gone) where.delete(epcOf(n));
          const before = rig.told.length;
          shelves(rig);
          rig.shelf(where, 25_000, { own: 0.95 });
          const after = rig.told.slice(before).map(({ draft }) => draft);
          const listed = after.flatMap((draft) =>
            draft.type === "inventoried" ? draft.tags.map(({ tag }) => tag.epc) : [],
          );
          expect(listed.sort()).toEqual([...where.keys()].sort());
          const departed = after.flatMap((draft) => (draft.type === "departed" ? [draft.tag.epc] : []));
          expect(departed.sort()).toEqual(gone.map(epcOf).sort());
          expect(after.filter(({ type }) => type === "arrived")).toEqual([]);
        },
      ),
      { numRuns: 20 },
    );
  });
});

describe("a presence that goes on", () => {
  it("is told again on a change of 3 dB or of 0.2 in the read rate, a minute apart at least, and hourly", () => {
    const stretch = fc.record({
      minutes: fc.integer({ min: 1, max: 150 }),
      rate: fc.double({ min: 0.05, max: 1, noNaN: true }),
      rssi: fc.integer({ min: -75, max: -40 }),
    });
    fc.assert(
      fc.property(fc.array(stretch, { minLength: 1, maxLength: 5 }), (stretches) => {
        const sum = StrengthSum.over(1, 0);
        const rule = new SeenRule(0, { rate: 0.5, rssi: -55 });
        let known = { at: 0, rate: 0.5, rssi: -55 };
        let now = 0;
        let due = 0;
        for (const { minutes, rate, rssi } of stretches)
          for (const end = now + minutes * 60_000; now < end; ) {
            now += 2_500;
            sum.rounds++;
            due += rate;
            if (due >= 1) {
              due -= 1;
              sum.hits++;
              sum.add(1, 1, rssi, rssi);
            }
            const verdict = rule.judge(sum, now);
            const seen = { at: now, rate: sum.rate, rssi: sum.rssiMean ?? Number.NaN };
            const changed = Math.abs(seen.rate - known.rate) >= 0.2 || Math.abs(seen.rssi - known.rssi) >= 3;
            if (verdict === "tell") {
              expect(now - sum.from).toBeGreaterThanOrEqual(60_000);
              expect(changed || now - known.at >= 3_600_000).toBe(true);
              rule.told(sum, now);
              known = seen;
            } else if (verdict === "over") expect(changed).toBe(false);
            if (verdict !== undefined) sum.restart(now);
            expect(now - known.at).toBeLessThan(3_600_000 + 60_000);
          }
      }),
      { numRuns: 15 },
    );
  });
});

describe("many tags", () => {
  setFlagsFromString("--expose-gc");
  const gc = runInNewContext("gc") as () => void;
  const bytes = () => {
    gc();
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    return heapUsed + arrayBuffers;
  };

  it("50,000 take at most 2 KiB each, and those beyond are counted and said while it lasts", () => {
    const rig = new Rig(1);
    shelves(rig);
    const round = (tags: number) => {
      rig.now += ROUND_MS;
      for (let tag = 0; tag < tags; tag += 500) {
        const reads = Array.from({ length: Math.min(500, tags - tag) }, (_, n) =>
          rig.read(epcOf(tag + n), 1 + ((tag + n) % 3), -50),
        );
        rig.event("shelf", { type: "reads", reads });
      }
      rig.event("shelf", { type: "round", antennas: [1, 2, 3], at: rig.now });
    };
    const before = bytes();
    for (let n = 0; n < 8; n++) round(MAX_TAGS);
    const arrived = rig.of("arrived").length;
    rig.told.length = 0;
    rig.kept.clear();
    expect(arrived).toBe(MAX_TAGS);
    expect((bytes() - before) / MAX_TAGS).toBeLessThan(2_048);
    expect([rig.filter.filtered().crowded, rig.filter.problems()]).toEqual([undefined, []]);

    for (let n = 0; n < 2; n++) round(MAX_TAGS + 10);
    expect(rig.filter.filtered().crowded).toBe(20);
    expect(rig.filter.problems()).toMatchObject([{ code: "FILTER_CROWDED" }]);
    expect(rig.told).toEqual([]);
    rig.now += 600_001;
    rig.take(rig.filter.tick(rig.now));
    expect(rig.filter.problems()).toEqual([]);
  }, 300_000);

  it("a round costs what its own board has to say, however many tags lie on others", () => {
    const timeOf = (others: number) => {
      const rig = new Rig(1);
      shelves(rig);
      for (let n = 0; n < 3; n++) {
        rig.now += ROUND_MS;
        const reads = Array.from({ length: others }, (_, tag) => rig.read(epcOf(1_000 + tag), 1, -50));
        rig.event("shelf", { type: "reads", reads });
        rig.event("shelf", { type: "round", antennas: [1], at: rig.now });
      }
      let best = Number.POSITIVE_INFINITY;
      for (let n = 0; n < 300; n++) {
        rig.now += 10;
        const reads = Array.from({ length: 20 }, (_, tag) => rig.read(epcOf(tag), 3, -50));
        const start = performance.now();
        rig.event("shelf", { type: "reads", reads });
        rig.event("shelf", { type: "round", antennas: [3], at: rig.now });
        rig.filter.through();
        best = Math.min(best, performance.now() - start);
      }
      return best;
    };
    timeOf(0);
    // A loop over twenty thousand takes at least a millisecond.
    expect(timeOf(20_000)).toBeLessThan(timeOf(0) * 5 + 0.3);
  });
});
