import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compareKeys, type Evidence } from "./evidence.js";
import { RUN } from "./fold.js";
import { SETTLED_MS } from "./state.js";
import { KeptInMemory } from "./testing.js";
import { crossed, gone, missed, near, present, run, S, type Shelf } from "./testing-evidence.js";

const strength = fc.record({
  rssi: fc.integer({ min: -80, max: -40 }),
  rounds: fc.constant(18),
  reads: fc.integer({ min: 1, max: 18 }),
});
const shelf = fc.constantFrom<Shelf>("a1", "a2", "b1");
const door = fc.constantFrom("store" as const, "other" as const);
const fact: fc.Arbitrary<(at: number) => Evidence> = fc.oneof(
  fc.tuple(shelf, strength).map(
    ([where, how]) =>
      (at: number) =>
        present(at, where, how),
  ),
  shelf.map((where) => (at: number) => gone(at, where)),
  shelf.map((where) => (at: number) => missed(at, where)),
  fc.tuple(door, fc.constantFrom("in" as const, "out" as const, "unknown" as const)).map(
    ([where, direction]) =>
      (at: number) =>
        crossed(at, where, direction),
  ),
  fc.constant(near),
);
const history = fc
  .array(fc.tuple(fc.integer({ min: 1, max: 600_000 }), fact), { minLength: 1, maxLength: 60 })
  .map((rows) => rows.map(([at, make]) => make(at)));

describe("the state is a function of the set of evidence", () => {
  it("comes out the same whatever order and batches it came in, run on from the states kept", () => {
    const batches = fc.tuple(history, fc.infiniteStream(fc.nat({ max: 1_000_000 })), fc.integer({ min: 1, max: 9 }));
    fc.assert(
      fc.property(batches, ([evidence, keys, size]) => {
        const shuffled = evidence
          .map((each) => ({ each, key: keys.next().value }))
          .sort((a, b) => a.key - b.key)
          .map(({ each }) => each);
        const whole = run(...evidence);
        const item = new KeptInMemory();
        for (let from = 0; from < shuffled.length; from += size) item.take(shuffled.slice(from, from + size));
        expect(item.kept.state).toEqual(whole.state);
        expect(item.stays()).toEqual(whole.stays.map(({ checkpoint: _, ...stay }) => stay));
      }),
      { numRuns: 300 },
    );
  });

  it("stays follow each other without a hole and without going back", () => {
    fc.assert(
      fc.property(history, (evidence) => {
        const { stays } = run(...evidence);
        for (const [index, stay] of stays.entries()) {
          expect(stay.to).toBe(stays[index + 1]?.from ?? null);
          if (stay.to !== null) expect(stay.to).toBeGreaterThanOrEqual(stay.from);
          expect(stay.place).not.toBe(stays[index + 1]?.place);
          expect(stay.p).toBeGreaterThan(0);
          expect(stay.p).toBeLessThan(1);
        }
      }),
      { numRuns: 300 },
    );
  });

  it("what was surely so for half a minute stays so, whatever is observed after it", () => {
    fc.assert(
      fc.property(history, fc.nat({ max: 60 }), (evidence, cut) => {
        const inOrder = [...evidence].sort(compareKeys);
        const { state } = run(...inOrder.slice(0, cut));
        const { stay, key } = state;
        const sureSince = stay?.sureSince ?? Number.POSITIVE_INFINITY;
        if (stay === null || (key?.at ?? 0) - sureSince < SETTLED_MS) return;
        const later = run(...inOrder).stays.find(({ opening }) => compareKeys(opening, stay.opening) === 0);
        expect(later).toMatchObject({ place: stay.place, from: stay.from, sureSince });
      }),
      { numRuns: 300 },
    );
  });

  it("what comes a little late costs a few dozen pieces of evidence, not the whole stay", () => {
    const long = Array.from({ length: 600 }, (_, minute) => present((minute + 1) * 60 * S, "a1"));
    const item = new KeptInMemory();
    for (const each of long) item.take([each]);
    item.read = 0;
    item.take([near(599 * 60 * S + 200)]);
    expect(item.read).toBeLessThan(3 * RUN);
  });
});
