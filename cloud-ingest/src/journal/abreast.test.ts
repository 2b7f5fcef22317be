import { ManualClock } from "@storeward/runtime";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Abreast, type Reader } from "./abreast.js";

const MOST = 100;

interface Given {
  readonly log: string;
  readonly waiting: number;
  /** When it last did something, ms ago. */
  readonly ago: number;
}

describe("followers of one log", () => {
  const given = fc.array(
    fc.record({
      log: fc.constantFrom("journal", "evidence"),
      waiting: fc.nat(300),
      ago: fc.oneof(fc.nat(10_000), fc.constant(Number.POSITIVE_INFINITY)),
    }),
    { minLength: 1, maxLength: 6 },
  );

  it("wait for those that go on and are too far behind, and for no others; never for each other", () => {
    fc.assert(
      fc.property(given, (all) => {
        const clock = new ManualClock();
        const abreast = new Abreast({ clock, most: MOST });
        const readers = all.map(({ log, waiting, ago }: Given): Reader => {
          const handledAt = clock.mono() - ago;
          return { log, waiting: () => waiting, handledAt: () => handledAt };
        });
        for (const reader of readers) abreast.add(reader);
        const waits = readers.map((reader) => abreast.isAhead(reader));
        for (const [n, { log, waiting }] of all.entries()) {
          const waitedFor = all.filter(
            (other) => other.log === log && other.ago < 5_000 && other.waiting > waiting + MOST,
          );
          expect(waits[n]).toBe(waitedFor.length > 0);
        }
        // Somebody always goes on.
        for (const log of new Set(all.map((one) => one.log)))
          expect(all.some((one, n) => one.log === log && waits[n] === false)).toBe(true);
      }),
    );
  });

  it("go on where others have read, in their order, and each of them once", () => {
    const clock = new ManualClock();
    const abreast = new Abreast({ clock, most: MOST });
    const reader = (log: string): Reader => ({ log, waiting: () => 0, handledAt: () => clock.mono() });
    const [a, b, c, elsewhere] = [reader("journal"), reader("journal"), reader("journal"), reader("evidence")];
    for (const each of [a, b, c, elsewhere]) abreast.add(each);
    const told = () => [a, b, c, elsewhere].map((each) => [...abreast.readByOthers(each)]);
    abreast.goesOn(a, [7, 3]);
    abreast.goesOn(a, [5]);
    expect(told()).toEqual([[], [7, 3, 5], [7, 3, 5], []]);
    // It follows in one and leads in another.
    abreast.goesOn(b, [3, 9]);
    expect(told()).toEqual([[9], [7, 5], [7, 3, 5, 9], []]);
    abreast.goesOn(c, [7, 3, 5, 9]);
    expect(told()).toEqual([[9], [7, 5], [], []]);
  });
});
