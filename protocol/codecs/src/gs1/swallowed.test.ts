import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Flag, type FlagCode, parseBarcode } from "./index.js";

const today = "2026-11-25";
const GTIN = "09506000134352";

function swallowed(text: string, wanted: FlagCode = "MAY_HAVE_SWALLOWED"): Flag[] {
  const result = parseBarcode(text, { today });
  return result.ok ? result.flags.filter(({ code }) => code === wanted) : [];
}
const readings = (text: string) =>
  swallowed(text).map(({ reading }) => reading?.map(({ ai, value }) => `(${ai})${value}`).join(""));

describe("a value that may have swallowed the elements after it is flagged:", () => {
  it.each([
    [`01${GTIN}10ABC17270531`, "(10)ABC(17)270531"],
    [`01${GTIN}10ABC1727053121SN1`, "(10)ABC(17)270531(21)SN1"],
    [`01${GTIN}10A112511011727053121X`, "(10)A(11)251101(17)270531(21)X"],
    [`01${GTIN}2112345617270531`, "(21)123456(17)270531"],
    [`01${GTIN}2112345617270500`, "(21)123456(17)270500"],
    ["10ABC0109506000134352", "(10)ABC(01)09506000134352"],
    [`01${GTIN}240X17270531\x1d10A`, "(240)X(17)270531"],
  ])("%s", (text, reading) => {
    expect(readings(text)).toEqual([reading]);
    const [flag] = swallowed(text);
    expect(text.slice(flag?.position)).toMatch(/^(17|11|01)\d{6}/);
  });
});

describe("a value is not suspected", () => {
  it.each([
    ["where the date is in the barcode already", `01${GTIN}1727053110ABC17280101`],
    ["where the end is no date", `01${GTIN}10ABC17270532`],
    ["where the date is far from today", `01${GTIN}10ABC17570531`],
    ["for a serial behind a lot, which chance makes too", `01${GTIN}10ABC21XYZ`],
    ["where nothing would be left of it", `01${GTIN}1017270531`],
    ["where the check digit of what would follow is wrong", "10ABC0109506000134353"],
    ["in brackets, whose ends are written", `(01)${GTIN}(10)ABC17270531`],
    ["in a link", `https://id.gs1.org/01/${GTIN}/10/ABC17270531`],
  ])("%s", (_, text) => {
    expect(swallowed(text)).toEqual([]);
  });

  it("by chance more than once in a hundred numbers", () => {
    const numbers = fc.sample(fc.stringMatching(/^\d{10,20}$/), { numRuns: 4000, seed: 1 });
    const suspected = numbers.filter((lot) => swallowed(`01${GTIN}10${lot}`).length > 0);
    expect(suspected.length / numbers.length).toBeLessThan(0.01);
    const mixed = fc.sample(fc.stringMatching(/^[A-Z]{0,3}\d{4,8}-?[A-Z0-9]{0,6}$/), { numRuns: 4000, seed: 1 });
    const wrongly = mixed.filter((lot) => swallowed(`01${GTIN}10${lot}`).length > 0);
    expect(wrongly.length / mixed.length).toBeLessThan(0.001);
  });

  it("if the barcode already has lot, serial and both dates, whatever they are", () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[0-9A-Z]{1,20}$/), fc.stringMatching(/^[0-9A-Z]{1,20}$/), (lot, serial) => {
        const text = `01${GTIN}11250101172705311326010115270101162701011010${lot}`.slice(0, 62);
        expect(
          swallowed(`${text}\x1d21${serial}`).every(({ reading }) => !reading?.some(({ ai }) => ai === "17")),
        ).toBe(true);
      }),
    );
  });
});

describe("a long lot that holds 21 is flagged as perhaps lot and serial number", () => {
  const serial = (text: string) => swallowed(text, "MAY_HOLD_SERIAL");

  it("where the scanner sends no FNC1", () => {
    expect(serial(`01${GTIN}1727053110AB-123216789X`)).toMatchObject([
      {
        position: 32,
        reading: [
          { ai: "10", value: "AB-123" },
          { ai: "21", value: "6789X" },
        ],
      },
    ]);
  });

  it.each([
    ["but not a short one", `01${GTIN}1727053110AB1221678`],
    ["nor where 21 is at an end of it", `01${GTIN}1727053110AB1234567821X`],
    ["nor where the serial number is there", `01${GTIN}1727053110AB-123216789X\x1d21A`],
    ["nor where an FNC1 was sent", `01${GTIN}240A\x1d10AB-123216789X`],
    ["nor in brackets", `(01)${GTIN}(10)AB-123216789X`],
  ])("%s", (_, text) => {
    expect(serial(text)).toEqual([]);
  });

  it("and most lots that have swallowed one are flagged or too long", () => {
    const name = fc.stringMatching(/^[A-Z0-9]{5,10}$/);
    const labels = fc.sample(fc.tuple(name, name), { numRuns: 2000, seed: 1 });
    const found = labels.filter(([lot, number]) => {
      const text = `01${GTIN}1727053110${lot}21${number}`;
      return !parseBarcode(text, { today }).ok || serial(text).length > 0;
    });
    expect(found.length / labels.length).toBeGreaterThan(0.99);
  });
});
