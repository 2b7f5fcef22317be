import { describe, expect, it } from "vitest";
import { Chance } from "./chance.js";
import { bootstrap } from "./intervals.js";

const mean = (some: readonly number[]) => some.reduce((sum, value) => sum + value, 0) / some.length;

describe("intervals over seeds", () => {
  it("hold the true mean nineteen times of twenty", () => {
    const chance = new Chance(5);
    let held = 0;
    for (let trial = 0; trial < 300; trial++) {
      const samples = Array.from({ length: 20 }, () => 10 + 2 * chance.normal());
      const interval = bootstrap(samples, mean, 400);
      if (interval !== undefined && interval.low <= 10 && interval.high >= 10) held++;
    }
    // The percentile bootstrap of twenty samples is a little narrow.
    expect(held / 300).toBeGreaterThan(0.88);
    expect(held / 300).toBeLessThan(0.98);
  });

  it("are one value where all samples are, and none where there is no figure", () => {
    expect(bootstrap([3, 3, 3], mean, 50)).toEqual({ value: 3, low: 3, high: 3 });
    expect(bootstrap([1, 2], () => undefined, 50)).toBeUndefined();
  });
});
