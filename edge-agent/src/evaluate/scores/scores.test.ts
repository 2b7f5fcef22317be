import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Passage, Presence } from "../claims.js";
import { PassageScore } from "./passages.js";
import { PresenceScore } from "./presence.js";

type Step = readonly ["fact" | "told", "present" | "absent", number, string?, string?];

function presenceOf(steps: readonly Step[], end = 100_000, from = 0) {
  const score = new PresenceScore({ from, tolerance: 2_000 });
  for (const [who, type, at, readPoint = "shelf-a", epc = "30AA"] of steps)
    score[who]({ type, epc, readPoint, at } as Presence);
  score.end(end);
  return score.figures;
}

function passagesOf(
  facts: readonly Omit<Passage, "type">[],
  told: readonly (Omit<Passage, "type"> & { told: number })[],
) {
  const score = new PassageScore(0);
  for (const fact of facts) score.fact({ type: "passed", ...fact }, true);
  for (const one of told) score.told({ type: "passed", ...one });
  score.settle(Number.POSITIVE_INFINITY);
  return score.figures;
}

describe("the score of presence", () => {
  it("is perfect where exactly the truth is told, whatever the truth is", () => {
    const moves = fc.array(
      fc.record({ epc: fc.constantFrom("30AA", "30BB"), at: fc.integer({ min: 1, max: 99_000 }) }),
      {
        maxLength: 30,
      },
    );
    fc.assert(
      fc.property(moves, (list) => {
        const there = new Set<string>();
        const steps = list
          .sort((a, b) => a.at - b.at)
          .flatMap(({ epc, at }): Step[] => {
            const type = there.delete(epc) ? "absent" : "present";
            if (type === "present") there.add(epc);
            return [
              ["fact", type, at, "shelf-a", epc],
              ["told", type, at, "shelf-a", epc],
            ];
          });
        const figures = presenceOf(steps);
        expect(figures.bothMs).toBe(figures.trueMs);
        expect(figures.toldMs).toBe(figures.trueMs);
        expect(figures.falseDepartures).toBe(0);
        expect(figures.missedStays).toBe(0);
        expect([...figures.arrivedAfter, ...figures.departedAfter].every((ms) => ms === 0)).toBe(true);
      }),
    );
  });

  it("counts tag time told, true and both, and how late each was told", () => {
    const figures = presenceOf([
      ["fact", "present", 10_000],
      ["told", "present", 13_000],
      ["fact", "absent", 50_000],
      ["told", "absent", 55_000],
    ]);
    expect(figures).toMatchObject({ trueMs: 40_000, toldMs: 42_000, bothMs: 37_000, stays: 1, falseDepartures: 0 });
    expect(figures.arrivedAfter).toEqual([3_000]);
    expect(figures.departedAfter).toEqual([5_000]);
  });

  it("calls a departure false unless the tag is lifted within the tolerance, and never twice", () => {
    const stay: Step[] = [
      ["fact", "present", 0],
      ["told", "present", 1_000],
    ];
    expect(presenceOf([...stay, ["told", "absent", 20_000], ["told", "present", 25_000]]).falseDepartures).toBe(1);
    expect(presenceOf([...stay, ["told", "absent", 20_000], ["fact", "absent", 21_500]]).falseDepartures).toBe(0);
    expect(presenceOf([...stay, ["told", "absent", 20_000], ["fact", "absent", 23_000]]).falseDepartures).toBe(1);
  });

  it("counts a stay that is over before it is told as missed, and leaves out one that the end cuts off", () => {
    expect(
      presenceOf([
        ["fact", "present", 10_000],
        ["fact", "absent", 12_000],
      ]),
    ).toMatchObject({ stays: 1, missedStays: 1 });
    expect(presenceOf([["fact", "present", 99_000]])).toMatchObject({ stays: 0, missedStays: 0 });
  });

  it("judges nothing of the beginning", () => {
    const figures = presenceOf(
      [
        ["fact", "present", 0],
        ["told", "present", 5_000],
        ["told", "absent", 8_000],
        ["told", "present", 9_000],
      ],
      100_000,
      20_000,
    );
    expect(figures).toMatchObject({ trueMs: 80_000, bothMs: 80_000, falseDepartures: 0, stays: 0 });
  });

  it("tells departures while blind from moves to where a tag is read", () => {
    const score = new PresenceScore({ from: 0, tolerance: 2_000 });
    for (const epc of ["30AA", "30BB"]) score.told({ type: "present", epc, readPoint: "shelf-a", at: 1_000 });
    score.cover("shelf-a", false);
    score.told({ type: "absent", epc: "30AA", readPoint: "shelf-a", at: 5_000 });
    score.told({ type: "present", epc: "30AA", readPoint: "shelf-b", at: 5_000 });
    score.told({ type: "absent", epc: "30BB", readPoint: "shelf-a", at: 6_000 });
    score.end(10_000);
    expect(score.figures.blindDepartures).toBe(1);
  });
});

describe("the score of passages", () => {
  const at = (ms: number, direction: "in" | "out" = "in", epc = "30AA") => ({
    epc,
    readPoint: "door",
    direction,
    at: ms,
  });

  it("is perfect where exactly the truth is told", () => {
    const truth = [at(1_000), at(8_000, "out"), at(8_000, "in", "30BB")];
    const figures = passagesOf(
      truth,
      truth.map((one) => ({ ...one, told: one.at + 500 })),
    );
    expect(figures).toMatchObject({ passages: 3, told: 3, found: 3, rightDirection: 3, toldAfter: [500, 500, 500] });
  });

  it("finds each passage once, the nearer one first, and calls the rest false", () => {
    const figures = passagesOf(
      [at(10_000)],
      [
        { ...at(10_500, "out"), told: 11_000 },
        { ...at(12_000), told: 12_500 },
        { ...at(14_500), told: 15_000 },
        { ...at(10_000, "in", "30CC"), told: 10_500 },
      ],
    );
    expect(figures).toMatchObject({ passages: 1, told: 4, found: 1, rightDirection: 0, toldAfter: [1_000] });
  });
});
