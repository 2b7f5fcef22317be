import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Belief, Likely } from "./belief.js";
import { decodeBelief, encodeBelief } from "./belief-code.js";

const LARGEST = 2 ** 21 - 1;
const numberOf = (place: string) => Number(place);
const likely = (most: number): fc.Arbitrary<Likely> =>
  fc
    .record({
      place: fc.nat(most).map(String),
      floor: fc.option(fc.nat(most).map(String), { nil: undefined }),
      open: fc.option(fc.constant(true as const), { nil: undefined }),
      share: fc.nat(10_000),
    })
    .map(({ place, floor, open, share }) => ({
      place,
      ...(floor === undefined ? {} : { floor }),
      ...(open === undefined ? {} : { open }),
      p: share / 10_000,
    }));
const belief = (most = LARGEST): fc.Arbitrary<Belief> => fc.array(likely(most), { maxLength: 8 });

describe("the short form of a belief", () => {
  it("is read as it was written and takes at most 96 bytes, or 44 where no more than 128 places are numbered", () => {
    fc.assert(
      fc.property(belief(), belief(127), (any, few) => {
        for (const [one, most] of [[any, 96] as const, [few, 44] as const]) {
          const text = encodeBelief(one, numberOf);
          expect(text.length).toBeLessThanOrEqual(most);
          expect(decodeBelief(text, String)).toEqual(one);
        }
      }),
    );
  });

  it("is refused with a reason where it was cut off, lengthened or is something else, and never read as more than eight places", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.base64String(), fc.uint8Array().map(base64url)), (text) => {
        let found: Belief;
        try {
          found = decodeBelief(text, String);
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError);
          return;
        }
        expect(found.length).toBeLessThanOrEqual(8);
        for (const { p } of found) expect(p).toBeLessThanOrEqual(1);
      }),
    );
    fc.assert(
      fc.property(belief(), fc.nat(), (whole, at) => {
        const bytes = Buffer.from(encodeBelief(whole, numberOf), "base64url");
        const cut = base64url(bytes.subarray(0, at % (bytes.length + 1)));
        expect(partOf(cut, whole)).toBe(true);
      }),
    );
  });

  it("is not made of what it cannot hold", () => {
    const at = (place: string, p = 0.5): Belief => [{ place, p }];
    for (const wrong of [at("-1"), at("0.5"), at(`${LARGEST + 1}`), at("here"), at("1", Number.NaN), at("1", 1.1)])
      expect(() => encodeBelief(wrong, numberOf)).toThrow(RangeError);
    expect(() =>
      encodeBelief(
        Array.from({ length: 9 }, (_, n) => ({ place: `${n}`, p: 0.1 })),
        numberOf,
      ),
    ).toThrow("9 places");
  });
});

function base64url(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64url");
}

/** Refused, or as many of the places as are whole. */
function partOf(text: string, whole: Belief): boolean {
  try {
    const found = decodeBelief(text, String);
    return isDeepStrictEqual(found, whole.slice(0, found.length));
  } catch (error) {
    return error instanceof RangeError;
  }
}
