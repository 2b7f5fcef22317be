import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type Belief,
  leftShelf,
  likelihoodOf,
  missedAtShelf,
  NOWHERE,
  readAtDoor,
  readAtShelf,
  wentThrough,
} from "./belief.js";
import type { Crossed, Gone, Missed, Near, Present, Zone } from "./evidence.js";
import { oddsOf, pointsOf, scoreOf, surestOf } from "./strength.js";

const STORE: Zone = { place: "store", watched: true };
const CORRIDOR: Zone = { place: "corridor", watched: false };
const shelf = (n: number) => ({ readPoint: `r${n}`, place: `board-${n}`, zone: n < 6 ? STORE : CORRIDOR });
const present = (n: number, rssi = -42, reads = 12): Present => ({
  kind: "present",
  ...shelf(n),
  seenAt: 0,
  rounds: 18,
  reads,
  rssi,
});
const gone = (n: number): Gone => ({ kind: "gone", ...shelf(n) });
const missed = (n: number): Missed => ({ kind: "missed", ...shelf(n), completeness: 0.95 });
const crossed = (direction: Crossed["direction"], p: number): Crossed => ({
  kind: "crossed",
  readPoint: "door",
  inside: STORE,
  outside: CORRIDOR,
  direction,
  p,
  seenAt: 0,
});
const near = (lean: number, rssi: number): Near => ({
  kind: "near",
  readPoint: "door",
  seenAt: 0,
  inside: STORE,
  outside: CORRIDOR,
  lean,
  rssi,
});
const read = (belief: Belief, fact: Present, level: number | null = null): Belief =>
  readAtShelf(belief, fact, { odds: oddsOf(fact, level), rivals: [], reach: 1 });

type Step = (belief: Belief) => Belief;
const board = fc.integer({ min: 1, max: 12 });
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.tuple(board, fc.integer({ min: -80, max: -35 }), fc.integer({ min: 0, max: 18 })).map(
    ([n, rssi, reads]): Step =>
      (belief) =>
        read(belief, present(n, rssi, reads)),
  ),
  board.map(
    (n): Step =>
      (belief) =>
        leftShelf(belief, gone(n), undefined),
  ),
  fc.tuple(board, board).map(
    ([n, other]): Step =>
      (belief) =>
        leftShelf(belief, gone(n), { ...shelf(other), score: -6 }),
  ),
  board.map(
    (n): Step =>
      (belief) =>
        missedAtShelf(belief, missed(n)),
  ),
  fc
    .tuple(
      fc.constantFrom("in" as const, "out" as const, "unknown" as const),
      fc.double({ min: 0.01, max: 0.99 }),
      fc.double({ min: 0.02, max: 1 }),
    )
    .map(
      ([direction, p, reach]): Step =>
        (belief) =>
          wentThrough(belief, crossed(direction, p), undefined, reach),
    ),
  fc.tuple(fc.integer({ min: -40, max: 40 }), fc.integer({ min: -85, max: -35 }), fc.double({ min: 0.02, max: 1 })).map(
    ([lean, rssi, reach]): Step =>
      (belief) =>
        readAtDoor(belief, near(lean, rssi), reach),
  ),
);

describe("a belief", () => {
  it("stays a distribution over few places whatever is observed, and is never certain", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const belief = steps.reduce((before, next) => next(before), NOWHERE);
        expect(belief.length).toBeLessThanOrEqual(8);
        const sum = belief.reduce((total, { p }) => total + p, 0);
        expect(sum).toBeLessThanOrEqual(1.001);
        for (const { p } of belief) expect(p).toBeLessThan(0.99);
        expect(belief.map(({ p }) => p)).toEqual(belief.map(({ p }) => p).sort((a, b) => b - a));
        expect(new Set(belief.map(({ place }) => place)).size).toBe(belief.length);
      }),
      { numRuns: 300 },
    );
  });

  it("is not made surer of a doubtful read by its being told again and again", () => {
    const faint = present(1, -64, 5);
    const once = likelihoodOf(read([{ ...CORRIDOR, p: 0.9 }], faint), "board-1");
    let belief: Belief = [{ ...CORRIDOR, p: 0.9 }];
    for (let i = 0; i < 50; i++) belief = read(belief, faint);
    expect(once).toBeLessThan(0.15);
    expect(likelihoodOf(belief, "board-1")).toBeLessThan(0.9);
  });

  it("takes a read behind a door that it has not gone through for an echo, unless it is read as it usually is", () => {
    const onBoard = read(NOWHERE, present(1));
    const echo = read(onBoard, present(8, -68, 5));
    expect(likelihoodOf(echo, "board-8")).toBeLessThan(0.1);
    const strong = read(read(onBoard, present(8)), present(8));
    expect(likelihoodOf(strong, "board-8")).toBeGreaterThan(0.9);
  });

  it("is never sure of a board that reads a thing weakly, however often it and the boards beside it say so", () => {
    const weak = fc.tuple(board, fc.integer({ min: -80, max: -51 }), fc.integer({ min: 0, max: 9 }));
    const says = fc.tuple(weak, fc.constantFrom("reads", "lost"));
    fc.assert(
      fc.property(fc.array(says, { maxLength: 40 }), (said) => {
        let belief: Belief = [{ place: STORE.place, p: 0.9 }];
        for (const [[n, rssi, reads], what] of said) {
          belief =
            what === "reads"
              ? read(belief, present(n, rssi, reads), -9)
              : leftShelf(belief, gone(n), { ...shelf((n % 12) + 1), score: -9 });
          for (const { place, p } of belief) if (place.startsWith("board")) expect(p).toBeLessThan(0.9);
        }
      }),
    );
  });

  it("of other boards is made no surer by what one reads, however faintly", () => {
    const reading = fc.tuple(
      board,
      fc.integer({ min: -85, max: -30 }),
      fc.nat({ max: 18 }),
      fc.integer({ min: -12, max: 0 }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 12 }), reading, (steps, [n, rssi, reads, level]) => {
        const before = steps.reduce((belief, next) => next(belief), NOWHERE);
        for (const { place, floor, p } of read(before, present(n, rssi, reads), level))
          if (floor !== undefined && place !== `board-${n}`)
            expect(p).toBeLessThanOrEqual(likelihoodOf(before, place) + 1e-9);
      }),
    );
  });

  it("is sure of what a board reads as weakly as it reads everything, once a site walk has shown it", () => {
    const weak = present(2, -62, 9);
    const walked = { ...weak, usual: pointsOf(-60, 0.5), usualRssi: -60 };
    const both = [weak, walked].map((fact) =>
      likelihoodOf(read(read([{ place: "store", p: 0.9 }], fact), fact), "board-2"),
    );
    expect(both[0]).toBeLessThan(0.9);
    expect(both[1]).toBeGreaterThan(0.95);
  });

  it("is sure of no thing that is read 12 dB and more below what is usual there, however often, whatever a site walk has shown to be usual", () => {
    const below = fc.double({ min: 12, max: 40, noNaN: true });
    const walk = fc.record({
      usual: fc.integer({ min: -70, max: -38 }),
      rate: fc.double({ min: 0.1, max: 1, noNaN: true }),
    });
    const times = fc.integer({ min: 1, max: 40 });
    fc.assert(
      fc.property(board, walk, below, fc.nat({ max: 18 }), times, (n, { usual, rate }, db, reads, many) => {
        const fact: Present = { ...present(n, usual - db, reads), usual: pointsOf(usual, rate), usualRssi: usual };
        let belief: Belief = [{ place: STORE.place, p: 0.9 }];
        for (let i = 0; i < many; i++) belief = read(belief, fact);
        expect(likelihoodOf(belief, fact.place)).toBeLessThan(0.9);
      }),
    );
  });

  it("is no surer of what is read more weakly, in fewer rounds, or as far below what is usual on a board that reads all more weakly", () => {
    const rssi = fc.integer({ min: -80, max: -30 });
    const some = fc.nat({ max: 18 });
    fc.assert(
      fc.property(rssi, rssi, some, some, fc.integer({ min: -11, max: -5 }), (a, b, c, d, usual) => {
        const [weak, strong] = [Math.min(a, b), Math.max(a, b)];
        const [few, many] = [Math.min(c, d), Math.max(c, d)];
        const sure = surestOf(present(1, strong, many));
        expect(surestOf(present(1, weak, many))).toBeLessThanOrEqual(sure);
        expect(surestOf(present(1, strong, few))).toBeLessThanOrEqual(sure);
        const weaker = 6 * (usual + 5);
        const there = { ...present(1, strong + weaker, many), usual, usualRssi: -38 + weaker };
        expect(surestOf(there)).toBeLessThanOrEqual(sure + 1e-9);
      }),
    );
  });

  it("is not sure of a thing that was read for the first seconds of some minutes alone, however strongly", () => {
    const rounds = fc.integer({ min: 100, max: 600 });
    fc.assert(
      fc.property(
        fc.integer({ min: -48, max: -10 }),
        rounds,
        fc.double({ min: 0, max: 0.119 }),
        (rssi, rounds, rate) => {
          const arrived = { ...present(1, rssi, 10), rounds: 11 };
          const seen = { ...present(1, rssi, Math.floor(rate * rounds)), rounds };
          const sure = read(read([{ place: STORE.place, p: 0.9 }], arrived), arrived);
          expect(likelihoodOf(sure, "board-1")).toBeGreaterThan(0.9);
          const doubted = read(sure, seen);
          expect(likelihoodOf(doubted, "board-1")).toBeLessThanOrEqual(0.5);
          expect(likelihoodOf(read(doubted, arrived), "board-1")).toBeGreaterThan(0.9);
        },
      ),
    );
  });

  it("is as sure of a thing that is read strongly in half of all rounds as of one that is read in all", () => {
    const of = (reads: number) => likelihoodOf(read(NOWHERE, present(1, -47, reads)), "board-1");
    expect(of(18) - of(9)).toBeLessThan(0.02);
    expect(of(9)).toBeGreaterThan(0.9);
  });

  it("goes by how often a thing is read where its reader tells no strength", () => {
    const of = (reads: number) => {
      const fact: Present = { ...present(1, 0, reads), rssi: null };
      return likelihoodOf(read(read([{ place: "store", p: 0.9 }], fact), fact), "board-1");
    };
    expect(of(12)).toBeGreaterThan(0.95);
    expect(of(2)).toBeLessThan(0.9);
  });

  it("is sure of neither of two boards that read a thing within 11 dB, in whatever turns they say so", () => {
    const rssi = fc.tuple(fc.integer({ min: -45, max: -34 }), fc.integer({ min: -45, max: -34 }));
    fc.assert(
      fc.property(rssi, fc.array(fc.constantFrom(0, 1), { maxLength: 20 }), (read, turns) => {
        const facts = [present(1, read[0]), present(2, read[1])] as const;
        const rivals = facts.map((fact, at) => ({ ...shelf(at + 1), tags: [], score: scoreOf(fact), seenAt: 0 }));
        const say = (belief: Belief, at: number, others: typeof rivals) => {
          const fact = facts[at] ?? facts[0];
          return readAtShelf(belief, fact, { odds: oddsOf(fact, null), rivals: others, reach: 1 });
        };
        let belief = say([{ place: STORE.place, p: 0.9 }], 0, []);
        for (const at of [1, ...turns]) {
          belief = say(belief, at, rivals.slice(1 - at, 2 - at));
          for (const { place, p } of belief) if (place.startsWith("board")) expect(p).toBeLessThan(0.9);
        }
      }),
    );
  });

  it("sinks to a tie, and to no more, where two boards read a thing about equally", () => {
    const own = read(NOWHERE, present(1, -42));
    const rival = { ...shelf(1), tags: [], score: scoreOf(present(1, -42)), seenAt: 0 };
    let belief = own;
    for (let i = 0; i < 20; i++)
      belief = readAtShelf(belief, present(2, -39), { odds: oddsOf(present(2, -39), null), rivals: [rival], reach: 1 });
    expect(likelihoodOf(belief, "board-1")).toBeCloseTo(likelihoodOf(belief, "board-2"), 1);
    expect(likelihoodOf(belief, "board-1")).toBeLessThanOrEqual(likelihoodOf(own, "board-1"));
  });

  it("places what a door reads on the side that reads it better", () => {
    const [inside] = readAtDoor(NOWHERE, near(20, -50), 1);
    expect(inside).toMatchObject({ place: "store" });
    const [outside] = readAtDoor(NOWHERE, near(-20, -50), 1);
    expect(outside).toMatchObject({ place: "corridor", open: true });
  });
});
