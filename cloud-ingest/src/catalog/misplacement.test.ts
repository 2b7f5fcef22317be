import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { misplacement, type PlacedFacts, type PlaceRule } from "./misplacement.js";

const NOW = 1_000_000_000;
const moment = fc.option(fc.integer({ min: 0, max: NOW }));
const facts = fc.record<PlacedFacts>({
  state: fc.constantFrom("here", "moving", "left", "unknown"),
  placeId: fc.option(fc.constantFrom("a", "b", "c")),
  since: moment,
  seenAt: moment,
  watchedSeconds: fc.option(fc.integer({ min: 0, max: 100_000 }), { nil: undefined }),
  now: fc.constant(NOW),
});
const rule = fc.record<PlaceRule>({
  allowed: fc.option(
    fc.subarray(["a", "b", "c"]).map((some) => new Set(some)),
    { nil: undefined },
  ),
  expected: fc.subarray(["a", "b", "c"]),
  wrongPlaceAfter: fc.constantFrom(30, 600, 86_400),
  missingAfter: fc.constantFrom(30, 1800),
});

describe("misplacement", () => {
  it("never calls wrong what is unknown, moving, or where it may be", () => {
    fc.assert(
      fc.property(facts, rule, (at, by) => {
        const { wrongPlace } = misplacement(at, by);
        if (at.state !== "here" || by.allowed === undefined || by.allowed.has(at.placeId ?? ""))
          expect(wrongPlace).toBeUndefined();
        if (wrongPlace !== undefined) expect(NOW - wrongPlace.since).toBeGreaterThanOrEqual(by.wrongPlaceAfter * 1000);
      }),
    );
  });

  it("never calls missing what is somewhere, what was never seen, or what is looked for where nobody watches", () => {
    fc.assert(
      fc.property(facts, rule, (at, by) => {
        const { missing } = misplacement(at, by);
        const mayBe = at.seenAt !== null && at.watchedSeconds !== undefined && by.expected.length > 0;
        if (!mayBe || at.state === "here" || at.state === "moving") expect(missing).toBeUndefined();
        if (missing !== undefined) expect(missing.watchedSeconds).toBeGreaterThanOrEqual(by.missingAfter);
      }),
    );
  });

  it("says both where they are so", () => {
    const by = { allowed: new Set(["a"]), expected: ["a"], wrongPlaceAfter: 600, missingAfter: 1800 };
    const at = { placeId: "b", since: NOW - 600_000, seenAt: NOW - 1_800_000, watchedSeconds: 1_800, now: NOW };
    expect(misplacement({ ...at, state: "here" }, by)).toEqual({ wrongPlace: { since: NOW - 600_000 } });
    expect(misplacement({ ...at, state: "left" }, by)).toEqual({
      missing: { since: NOW - 1_800_000, watchedSeconds: 1_800 },
    });
    expect(misplacement({ ...at, since: NOW - 599_000, state: "here" }, by)).toEqual({});
    expect(misplacement({ ...at, watchedSeconds: 1_799, state: "left" }, by)).toEqual({});
  });
});
