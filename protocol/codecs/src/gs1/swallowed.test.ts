import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Flag, parseBarcode } from "./index.js";

const today = "2026-11-25";
const GTIN = "09506000134352";

function swallowed(text: string): Flag[] {
  const result = parseBarcode(text, { today });
  return result.ok ? result.flags.filter(({ code }) => code === "MAY_HAVE_SWALLOWED") : [];
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
