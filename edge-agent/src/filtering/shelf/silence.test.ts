import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { epcOf, filled, Rig, shelves } from "../../../test/filter-rig.js";

const seeds = fc.integer({ min: 0, max: 100_000 });
const ROUND_MS = 400;
const rounds = (min: number, max: number) => fc.integer({ min, max }).map((count) => count * ROUND_MS);

describe("a board that is blind", () => {
  it("keeps its tags, however often and long a neighbour reads them faintly, and after it watches again", () => {
    const dark = fc.record({
      antenna: fc.integer({ min: 1, max: 3 }),
      across: fc.double({ min: 0.1, max: 0.95, noNaN: true }),
      acrossLevel: fc.integer({ min: -72, max: -64 }),
      ms: rounds(1, 300),
      state: fc.constantFrom("blind" as const, "doubtful" as const),
    });
    fc.assert(
      fc.property(seeds, fc.array(dark, { minLength: 1, maxLength: 3 }), (seed, times) => {
        const rig = new Rig(seed);
        shelves(rig);
        const where = filled(9);
        rig.shelf(where, 20_000, { own: 0.9 });
        const before = rig.told.length;
        for (const { antenna, across, acrossLevel, ms, state } of times) {
          rig.cover("shelf", [antenna], state);
          rig.shelf(where, ms, { own: 0.9, across, acrossLevel, deaf: [antenna] });
          rig.cover("shelf", [antenna], "watching");
          rig.shelf(where, 8_000, { own: 0.9 });
        }
        const after = rig.told.slice(before).map(({ draft }) => draft.type);
        expect(after.filter((type) => type === "departed" || type === "arrived")).toEqual([]);
        rig.valid();
      }),
      { numRuns: 25 },
    );
  });

  it("lets go of a tag that another board reads as strongly as it did itself", () => {
    for (let seed = 0; seed < 20; seed++) {
      const rig = new Rig(seed);
      shelves(rig);
      const where = filled(9);
      rig.shelf(where, 20_000, { own: 0.8 });
      rig.cover("shelf", [1], "blind");
      where.set(epcOf(0), 3);
      rig.shelf(where, 12_000, { own: 0.8, deaf: [1] });
      expect(rig.places().get(epcOf(0))).toEqual(["b3"]);
    }
  });
});

describe("a board that hears again", () => {
  it("tells of nothing that it read before as if that went on, whether it was blind or fell silent", () => {
    for (let seed = 0; seed < 6; seed++)
      for (const isSaid of [true, false]) {
        const rig = new Rig(seed);
        shelves(rig);
        const where = filled(30);
        rig.shelf(where, 50_000, { own: 0.9 });
        if (isSaid) rig.cover("shelf", [1], "blind");
        rig.shelf(where, 40_000, { own: 0.9, deaf: [1] });
        if (isSaid) rig.cover("shelf", [1], "watching");
        const back = rig.now;
        for (const index of [0, 3, 6, 9]) where.delete(epcOf(index));
        rig.shelf(where, 90_000, { own: 0.5 });
        const since = rig.of("seen").filter(({ readPoint, to }) => readPoint === "b1" && to > back);
        expect(since.length).toBeGreaterThan(0);
        for (const { from } of since) expect(from).toBeGreaterThanOrEqual(back);
      }
  });
});

describe("a board that falls silent at once, and nobody says why", () => {
  const doubts = (rig: Rig, board: string) =>
    rig.of("coverage").flatMap(({ readPoint, state, since }) => (readPoint === board ? [{ state, since }] : []));

  it("is doubtful since its last read and keeps its tags, however long; when it reads again, it watches and says what it missed", () => {
    fc.assert(
      fc.property(seeds, fc.integer({ min: 8, max: 14 }), rounds(100, 1_500), (seed, count, ms) => {
        const rig = new Rig(seed);
        shelves(rig);
        const where = filled(3 * count);
        rig.shelf(where, 25_000, { own: 0.8 });
        const fell = rig.now;
        const before = rig.of("departed").length;
        rig.shelf(where, ms, { own: 0.8, deaf: [1] });
        const last = doubts(rig, "b1").at(-1);
        expect(last?.state).toBe("doubtful");
        expect(last?.since).toBeGreaterThan(fell - 4 * ROUND_MS);
        expect(last?.since).toBeLessThanOrEqual(fell);
        rig.shelf(where, 15_000, { own: 0.8 });
        expect(doubts(rig, "b1").at(-1)?.state).toBe("watching");
        expect(rig.of("gap")).toMatchObject([{ readPoint: "b1", from: last?.since }]);
        expect(rig.of("inventoried").filter(({ readPoint }) => readPoint === "b1")).toHaveLength(2);
        expect(rig.of("departed").slice(before)).toEqual([]);
        rig.valid();
      }),
      { numRuns: 15 },
    );
  });

  it("with few tags it keeps them also where a neighbour begins to read them in that moment, and some were missed just before", () => {
    fc.assert(
      fc.property(
        seeds,
        fc.integer({ min: 4, max: 6 }),
        fc.double({ min: 0, max: 0.4, noNaN: true }),
        rounds(60, 200),
        (seed, count, before, ms) => {
          const rig = new Rig(seed);
          shelves(rig);
          const where = filled(3 * count);
          rig.shelf(where, 25_000, { own: 0.8, across: before, acrossLevel: -66 });
          const told = rig.of("departed").length;
          const across = (board: number) => (board === 1 ? 0.9 : before);
          rig.shelf(where, ms, { own: 0.8, across, acrossLevel: -66, deaf: [1] });
          expect(rig.of("departed").slice(told)).toEqual([]);
        },
      ),
      { numRuns: 30 },
    );
  });

  it("lets go of what is moved to another board meanwhile, and of what was taken once it reads again", () => {
    fc.assert(
      fc.property(seeds, rounds(100, 600), rounds(100, 600), (seed, ms, later) => {
        const rig = new Rig(seed);
        shelves(rig);
        const where = filled(24);
        const [moved, taken] = [epcOf(0), epcOf(3)];
        rig.shelf(where, 25_000, { own: 0.8 });
        rig.shelf(where, ms, { own: 0.8, deaf: [1] });
        where.set(moved, 3);
        where.delete(taken);
        rig.shelf(where, later, { own: 0.8, deaf: [1] });
        expect([moved, taken].map((epc) => rig.places().get(epc))).toEqual([["b3"], ["b1"]]);
        rig.shelf(where, 25_000, { own: 0.8 });
        expect([moved, taken].map((epc) => rig.places().get(epc))).toEqual([["b3"], []]);
      }),
      { numRuns: 10 },
    );
  });

  it("with all boards of a reader at once it is doubtful also where there are only two tags on each", () => {
    for (let seed = 0; seed < 10; seed++) {
      const rig = new Rig(seed);
      shelves(rig);
      rig.shelf(filled(6), 25_000, { own: 0.8 });
      rig.shelf(filled(6), 60_000, { deaf: [1, 2, 3] });
      expect(rig.of("departed")).toEqual([]);
      for (const board of ["b1", "b2", "b3"]) expect(doubts(rig, board).at(-1)?.state).toBe("doubtful");
    }
  });

  it("is an empty board where there were one or two tags, or where they were taken one after the other", () => {
    fc.assert(
      fc.property(seeds, fc.integer({ min: 1, max: 2 }), fc.integer({ min: 0, max: 6 }), (seed, together, others) => {
        const rig = new Rig(seed);
        shelves(rig);
        const where = filled(together + others, () => 1);
        where.set(epcOf(100), 3);
        rig.shelf(where, 25_000, { own: 0.8, across: 0 });
        for (let tag = 0; tag < others; tag++) {
          where.delete(epcOf(tag));
          rig.shelf(where, 4_000, { own: 0.8, across: 0 });
        }
        for (let tag = others; tag < others + together; tag++) where.delete(epcOf(tag));
        rig.shelf(where, 60_000, { own: 0.8, across: 0 });
        expect(rig.of("departed")).toHaveLength(together + others);
        expect(doubts(rig, "b1").map(({ state }) => state)).toEqual(["blind", "watching"]);
      }),
      { numRuns: 20 },
    );
  });

  it("is empty once an inventory that somebody asked for has read nothing either", () => {
    const rig = new Rig(3);
    shelves(rig);
    const where = filled(6, () => 1);
    rig.shelf(where, 25_000, { own: 0.8, across: 0 });
    rig.shelf(where, 60_000, { deaf: [1], across: 0 });
    expect(rig.of("departed")).toEqual([]);
    expect(rig.filter.takeInventory("b1", "asked for")).toEqual(["b1"]);
    rig.shelf(where, 60_000, { deaf: [1], across: 0 });
    expect(rig.of("inventoried").at(-1)).toMatchObject({ readPoint: "b1", tags: [] });
    expect(rig.of("departed")).toHaveLength(6);
    expect(doubts(rig, "b1").at(-1)?.state).toBe("watching");
    rig.valid();
  });
});
