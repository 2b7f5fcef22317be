import fc from "fast-check";
import { types } from "pg";
import { expect, it } from "vitest";
import { typeParsers } from "./pg-types.js";

const TIMESTAMPTZ = 1184;
const two = (value: number) => String(value).padStart(2, "0");
const upTo = (max: number) => fc.integer({ min: 0, max }).map(two);

/** As PostgreSQL writes it in any time zone and with any fraction of a second. */
const written = fc
  .tuple(
    fc.integer({ min: 1, max: 9999 }).map((year) => String(year).padStart(4, "0")),
    fc.integer({ min: 1, max: 12 }).map(two),
    fc.integer({ min: 1, max: 28 }).map(two),
    fc.tuple(upTo(23), upTo(59), upTo(59)).map((parts) => parts.join(":")),
    fc.constantFrom("", ".5", ".57", ".123", ".0625", ".123456", ".999999"),
    fc.constantFrom("+00", "+02", "-05", "+05:30", "+00 BC"),
  )
  .map(([year, month, day, time, fraction, zone]) => `${year}-${month}-${day} ${time}${fraction}${zone}`);

it("a moment is the same, in whichever way it is read", () => {
  const ours = typeParsers.getTypeParser(TIMESTAMPTZ);
  const theirs = types.getTypeParser(TIMESTAMPTZ, "text") as typeof ours;
  fc.assert(
    fc.property(fc.oneof(written, fc.constantFrom("infinity", "-infinity")), (text) => {
      expect(ours(text)).toEqual(theirs(text));
    }),
    { numRuns: 500 },
  );
});
