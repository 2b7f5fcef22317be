import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ArrayType, arrayOf } from "./index.js";
import { type TestDatabase, testDatabase } from "./testing.js";

let test: TestDatabase;
beforeAll(async () => {
  test = await testDatabase();
});
afterAll(() => test.close());

/** What PostgreSQL makes of it. */
async function read(type: ArrayType, values: readonly unknown[]): Promise<unknown[]> {
  const array = arrayOf(type, values, (value) => value as never);
  const rows = await test.db.query<{ v: unknown }>(
    `SELECT v FROM unnest($1::${type}[]) WITH ORDINALITY AS n(v, n) ORDER BY n`,
    [array],
  );
  return rows.map(({ v }) => v);
}

const text = fc.string({ unit: "grapheme", maxLength: 200 }).filter((value) => !value.includes("\0"));
const whole = fc.maxSafeInteger();
const moment = fc.date({ min: new Date(0), max: new Date("9999-12-31T00:00:00Z"), noInvalidDate: true });
const values: { readonly [T in ArrayType]: fc.Arbitrary<unknown> } = {
  bool: fc.boolean(),
  int4: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
  int8: whole,
  float8: fc.double({ noNaN: true }).map((value) => value + 0),
  text,
  jsonb: fc.dictionary(text, fc.oneof(text, whole, fc.boolean(), fc.constant(null))),
  timestamptz: moment,
  uuid: fc.uuid(),
  bytea: fc.uint8Array({ maxLength: 100 }).map((bytes) => Buffer.from(bytes)),
};

describe("arrays in binary form", () => {
  for (const [type, value] of Object.entries(values) as [ArrayType, fc.Arbitrary<unknown>][])
    it(`bring every ${type} and every NULL to the database as it is`, async () => {
      const lists = fc.array(fc.option(value), { maxLength: 30 });
      await fc.assert(
        fc.asyncProperty(lists, async (list) => {
          const sent = type === "jsonb" ? list.map((each) => each && JSON.stringify(each)) : list;
          expect(await read(type, sent)).toEqual(list);
        }),
        { numRuns: 40 },
      );
    });

  it("take a moment in milliseconds too", async () => {
    expect(await read("timestamptz", [1, -1])).toEqual([new Date(1), new Date(-1)]);
  });

  it("refuse what the type does not hold, and let the database refuse what it does not take", async () => {
    expect(() => arrayOf("int4", [2 ** 31], (value) => value)).toThrow(RangeError);
    expect(() => arrayOf("int8", [2 ** 53], (value) => value)).toThrow(RangeError);
    expect(() => arrayOf("int8", [0.5], (value) => value)).toThrow(RangeError);
    expect(() => arrayOf("timestamptz", [new Date(Number.NaN)], (value) => value)).toThrow(RangeError);
    for (const beyond of [8.64e15 + 1, 1e16, -1e17, Number.MAX_VALUE, Number.NEGATIVE_INFINITY])
      expect(() => arrayOf("timestamptz", [beyond], (value) => value)).toThrow(RangeError);
    expect(() => arrayOf("uuid", ["6f1c2a9be04d47c8a3b5d1e2f3041526x"], (value) => value)).toThrow(RangeError);
    await expect(read("text", ["a\0b"])).rejects.toMatchObject({ code: "22021" });
    await expect(read("jsonb", ["{"])).rejects.toMatchObject({ code: "22P02" });
  });
});
