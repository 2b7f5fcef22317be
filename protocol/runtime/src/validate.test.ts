import { Ajv } from "ajv";
import formats from "ajv-formats";
import fc from "fast-check";
import { Type } from "typebox";
import { describe, expect, it } from "vitest";
import { validator } from "./validate.js";

const Row = Type.Object(
  { at: Type.String({ format: "date-time" }), n: Type.Integer({ minimum: 1 }) },
  { additionalProperties: false },
);

describe("validator", () => {
  it("lets through what fits, as the same object", () => {
    const value = { at: "2026-01-01T00:00:00.000Z", n: 1 };
    const result = validator(Row)(value);
    expect(result.ok && result.value).toBe(value);
  });

  it("names what does not fit: one by default, all when asked", () => {
    const bad = { at: "yesterday", n: 0, extra: 1 };
    const one = validator(Row)(bad);
    expect(!one.ok && one.errors).toHaveLength(1);
    const all = validator(Row, { allErrors: true })(bad);
    expect(!all.ok && all.errors).toEqual([
      "value must NOT have additional properties (extra)",
      '/at must match format "date-time"',
      "/n must be >= 1",
    ]);
  });

  it("bounds the text of errors, however large the value", () => {
    const bad = Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`${"k".repeat(500)}${i}`, 1]));
    const result = validator(Row, { allErrors: true })(bad);
    expect(!result.ok && result.errors.length).toBe(20);
    expect(!result.ok && Math.max(...result.errors.map((e) => e.length))).toBeLessThanOrEqual(200);
  });

  it("refuses a schema with a keyword it does not know", () => {
    expect(() => validator(Type.String({ minLenght: 3 }))("text")).toThrow("minLenght");
  });

  it("tells dates and times from others as the format does", () => {
    const ajv = new Ajv();
    formats.default(ajv, { mode: "full" });
    const full = ajv.compile({ type: "string", format: "date-time" });
    const ours = validator(Type.String({ format: "date-time" }));
    const part = (max: number, width = 2) => fc.nat(max).map((value) => String(value).padStart(width, "0"));
    const fields = [part(9999, 4), part(13), part(32), part(25), part(61), part(61), part(999, 3)] as const;
    const almost = fc
      .tuple(...fields, fc.constantFrom("Z", "z", "", "+01:00", "-0130", "+24:00"), fc.constantFrom("T", "t", " ", "-"))
      .map(([y, mo, d, h, mi, s, ms, zone, between]) => `${y}-${mo}-${d}${between}${h}:${mi}:${s}.${ms}${zone}`);
    const date = fc.date({ noInvalidDate: true }).map((value) => value.toISOString());
    fc.assert(
      fc.property(fc.oneof(almost, date, fc.string()), (text) => {
        expect(ours(text).ok).toBe(full(text));
      }),
      { numRuns: 1000 },
    );
  });
});
