import fc from "fast-check";
import { expect, it } from "vitest";
import { bucketOf } from "./dirty.js";
import { rangesOf, type Stay } from "./levels.js";

const MINUTE_MS = 60_000;
const LAST = 12;
const minutes = Array.from({ length: LAST + 1 }, (_, n) => n * MINUTE_MS);

const stay = fc
  .record({
    stay: fc.constantFrom("s1", "s2", "s3"),
    place: fc.constantFrom("a", "b"),
    kind: fc.constant("pump"),
    role: fc.constantFrom("home" as const, "away" as const),
    from: fc.nat(LAST * MINUTE_MS),
    length: fc.option(fc.nat(LAST * MINUTE_MS)),
  })
  .map(
    ({ from, length, ...rest }): Stay => ({
      ...rest,
      from: new Date(from),
      to: length === null ? null : new Date(from + length),
    }),
  );
const stays = fc.uniqueArray(stay, { selector: (one) => one.stay });

/** What is where at the end of a minute, counted. */
const counted = (of: readonly Stay[], minute: number): string[] =>
  of
    .filter(({ from, to }) => Number(bucketOf(from)) <= minute && (to === null || Number(bucketOf(to)) > minute))
    .map(({ place, kind, role }) => `${place} ${kind} ${role}`)
    .sort();

it("whatever becomes of stays, every minute whose levels change is marked, and none before", () => {
  fc.assert(
    fc.property(stays, stays, (before, now) => {
      const ranges = rangesOf(before, now);
      const isMarked = (minute: number) =>
        ranges.some(
          ({ from, to }) => Number(bucketOf(from)) <= minute && (to === null || minute <= Number(bucketOf(to))),
        );
      for (const minute of minutes)
        if (counted(before, minute).join() !== counted(now, minute).join()) expect(isMarked(minute)).toBe(true);
      const first = Math.min(...[...before, ...now].map(({ from }) => Number(bucketOf(from))));
      expect(minutes.filter((minute) => minute < first && isMarked(minute))).toEqual([]);
    }),
    { numRuns: 500 },
  );
});
