import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { allows, nearestBelow, presetLimits } from "./limits.js";

describe("the limits of a reader's presets", () => {
  it("are found inline and as definitions", () => {
    const power = { type: "integer", minimum: 1000, maximum: 3000, multipleOf: 25 };
    const inline = { properties: { antennaConfigs: { items: { properties: { transmitPowerCdbm: power } } } } };
    const definitions = {
      definitions: { TransmitPowerCdbm: power, RfMode: { oneOf: [{ const: 4 }, { const: 120 }] } },
    };
    expect(presetLimits(inline).transmitPowerCdbm).toMatchObject({ min: 1000, max: 3000, step: 25 });
    expect(presetLimits(definitions)).toMatchObject({ transmitPowerCdbm: { max: 3000 }, rfMode: { values: [4, 120] } });
    expect(
      presetLimits({ x: { channelFrequenciesKhz: { items: { enum: [865700] } } } }).channelFrequenciesKhz,
    ).toMatchObject({
      values: [865700],
    });
  });

  it("are none where a schema says nothing, whatever it is", () => {
    fc.assert(fc.property(fc.anything(), (schema) => void presetLimits(schema)));
    expect(presetLimits(undefined).rfMode).toBeUndefined();
  });

  it("never give more power than asked for", () => {
    const range = { values: undefined, min: 1000, max: 3000, step: 25 };
    const list = { values: [1000, 1500, 3000], min: undefined, max: undefined, step: undefined };
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4000 }), (wanted) => {
        for (const allowed of [range, list]) {
          const power = nearestBelow(allowed, wanted);
          if (wanted < 1000 || wanted > 3000) expect(power).toBeUndefined();
          else {
            expect(power).toBeLessThanOrEqual(wanted);
            expect(allows(allowed, power ?? 0)).toBe(true);
          }
        }
      }),
    );
  });
});
