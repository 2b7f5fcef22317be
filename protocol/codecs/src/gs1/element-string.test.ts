import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { gs1ErrorOf as errorOf } from "../../test/gs1-error.js";
import { today, validValues } from "../../test/gs1-values.js";
import {
  associationsOf,
  bracketed,
  checkElements,
  type Element,
  encodeDigitalLink,
  encodeElementString,
  FNC1,
  identifierOf,
  identifiers,
  parseBracketed,
  parseDigitalLink,
  parseElementString,
} from "./index.js";

const plain = (elements: readonly Element[]) => elements.map(({ ai, value }) => ({ ai, value }));
const byName = (elements: readonly Element[]) => plain(elements).sort((one, other) => (one.ai < other.ai ? -1 : 1));

/** Elements of any identifiers, each once; a bracketed identifier inside a value cannot be told from one. */
const anyElements = fc
  .uniqueArray(fc.constantFrom(...identifiers()), { minLength: 1, maxLength: 8, selector: ({ ai }) => ai })
  .chain((chosen) => fc.tuple(...chosen.map((one) => validValues(one).map((value) => ({ ai: one.ai, value })))))
  .filter((elements) => elements.every(({ value }) => !/\(\d{2,4}\)/.test(value)));

/** Elements that may stand on one trade item. */
const itemElements = fc
  .subarray(["10", "11", "17", "21", "22", "240", "241", "3103", "713", "90", "7003", "710"])
  .chain((others) =>
    fc.tuple(...["01", ...others].map((ai) => validValues(known(ai)).map((value): Element => ({ ai, value })))),
  );

function known(ai: string) {
  const identifier = identifierOf(ai);
  if (identifier === undefined) throw new Error(ai);
  return identifier;
}

describe("element strings", () => {
  it("need no FNC1 after a predefined length, one after every other but the last", () => {
    const text = `010950600013435210AB-123${FNC1}17270531216789`;
    expect(plain(parseElementString(text, { today }))).toEqual([
      { ai: "01", value: "09506000134352" },
      { ai: "10", value: "AB-123" },
      { ai: "17", value: "270531" },
      { ai: "21", value: "6789" },
    ]);
    expect(encodeElementString(parseElementString(text, { today }), { today })).toBe(text);
  });

  it("may have an FNC1 in front, after a predefined length and at the end", () => {
    const text = `${FNC1}0109506000134352${FNC1}17270531${FNC1}10A${FNC1}`;
    expect(plain(parseElementString(text, { today }))).toHaveLength(3);
    expect(errorOf(() => parseElementString(`10A${FNC1}${FNC1}21B`))).toEqual(["UNKNOWN_IDENTIFIER", 4]);
  });

  it("come back from raw and bracketed form as they were", () => {
    fc.assert(
      fc.property(anyElements, (elements) => {
        const raw = elements.map(({ ai, value }) => ai + value + FNC1).join("");
        expect(plain(parseElementString(raw, { today }))).toEqual(elements);
        expect(plain(parseBracketed(bracketed(elements), { today }))).toEqual(elements);
      }),
    );
  });

  it("come back from encoding, and from a Digital Link, as they were", () => {
    fc.assert(
      fc.property(itemElements, (elements) => {
        expect(plain(parseElementString(encodeElementString(elements, { today }), { today }))).toEqual(elements);
        const link = encodeDigitalLink(elements, { today });
        expect(link).toMatch(/^https:\/\/id\.gs1\.org\/01\/\d{14}[\w./%-]*(\?[\w.=&%-]+)?$/);
        expect(byName(parseDigitalLink(link, { today }))).toEqual(byName(elements));
        expect(encodeDigitalLink(parseDigitalLink(link, { today }), { today })).toBe(link);
      }),
    );
  });

  it("say what numbers and dates mean", () => {
    const meaning = (text: string) => {
      const [{ date, decimal, dayUnspecified } = {}] = parseElementString(text, { today });
      return [date, decimal, dayUnspecified].filter((part) => part !== undefined);
    };
    expect(meaning("3103001250")).toEqual(["1.250"]);
    expect(meaning("3100000000")).toEqual(["0"]);
    expect(meaning("39329781250")).toEqual(["12.50"]);
    expect(meaning("39225")).toEqual(["0.05"]);
    expect(meaning("4331001250-")).toEqual(["-12.50"]);
    expect(meaning("17270531")).toEqual(["2027-05-31"]);
    expect(meaning("17280200")).toEqual(["2028-02-29", true]);
    expect(meaning("17270200")).toEqual(["2027-02-28", true]);
    expect(meaning("70032705311430")).toEqual(["2027-05-31T14:30"]);
    expect(meaning("800827053114")).toEqual(["2027-05-31T14:00"]);
    expect(meaning("80082705311430")).toEqual(["2027-05-31T14:30"]);
    expect(meaning("8008270531143059")).toEqual(["2027-05-31T14:30:59"]);
    expect(meaning("7007270501270531")).toEqual(["2027-05-01/2027-05-31"]);
    expect(meaning("725019700101")).toEqual(["1970-01-01"]);
    expect(meaning("7251197001010930")).toEqual(["1970-01-01T09:30"]);
  });

  it("put a year of two digits at most 49 years back and 50 ahead", () => {
    const year = (digits: string, day: string) =>
      parseElementString(`17${digits}0101`, { today: day })[0]?.date?.slice(0, 4);
    expect([year("76", today), year("77", today)]).toEqual(["2076", "1977"]);
    expect([year("50", "1999-12-31"), year("49", "1999-12-31"), year("48", "1999-12-31")]).toEqual([
      "1950",
      "2049",
      "2048",
    ]);
    expect([year("10", "2060-01-01"), year("11", "2060-01-01")]).toEqual(["2110", "2011"]);
    expect(parseElementString("17000229", { today })[0]?.date).toBe("2000-02-29");
    expect(errorOf(() => parseElementString("17000229", { today: "2090-01-01" }))).toEqual(["BAD_DATE", 6]);
    expect(() => parseElementString("17270531", { today: "yesterday" })).toThrow(RangeError);
  });
});

describe("elements that are to be written", () => {
  const gtin = { ai: "01", value: "09506000134352" };

  it("are refused with the place in their bracketed form", () => {
    const refusal = (...elements: Element[]) => errorOf(() => checkElements(elements, { today }));
    expect(refusal()).toEqual(["EMPTY", 0]);
    expect(refusal({ ai: "18", value: "1" })).toEqual(["UNKNOWN_IDENTIFIER", 1]);
    expect(refusal({ ai: "01", value: "09506000134353" })).toEqual(["BAD_CHECK", 17]);
    expect(refusal(gtin, { ai: "10", value: "" })).toEqual(["TOO_SHORT", 22]);
    expect(refusal(gtin, { ai: "37", value: "5" })).toEqual(["EXCLUDED_PAIR", 1]);
    expect(refusal({ ai: "10", value: "A" })).toEqual(["MISSING_COMPANION", 1]);
    expect(refusal(gtin, { ai: "10", value: "A" }, { ai: "10", value: "B" })).toEqual(["CONFLICT", 24]);
  });

  it("may be the same twice, and companions may be patterns or groups", () => {
    const codes = (...elements: Element[]) => associationsOf(elements).map(({ code, index }) => [code, index]);
    expect(codes(gtin, gtin)).toEqual([]);
    expect(codes({ ai: "3920", value: "1" }, gtin)).toEqual([["MISSING_COMPANION", 0]]);
    expect(codes({ ai: "3920", value: "1" }, gtin, { ai: "3103", value: "001250" })).toEqual([]);
    expect(codes(gtin, { ai: "3102", value: "000001" }, { ai: "3103", value: "000001" })).toEqual([
      ["EXCLUDED_PAIR", 1],
      ["EXCLUDED_PAIR", 2],
    ]);
    expect(codes(gtin, { ai: "250", value: "A" })).toEqual([["MISSING_COMPANION", 1]]);
    expect(codes(gtin, { ai: "250", value: "A" }, { ai: "21", value: "B" })).toEqual([]);
  });
});

describe("the bracketed form", () => {
  it("may have blanks beside its brackets", () => {
    expect(plain(parseBracketed(" (01) 09506000134352 (10) AB(1)2 ", { today }))).toEqual([
      { ai: "01", value: "09506000134352" },
      { ai: "10", value: "AB(1)2" },
    ]);
  });

  it("is refused where no bracket stands in front or it is none of an identifier", () => {
    expect(errorOf(() => parseBracketed("01095"))).toEqual(["UNKNOWN_IDENTIFIER", 0]);
    expect(errorOf(() => parseBracketed("(18)1"))).toEqual(["UNKNOWN_IDENTIFIER", 1]);
    expect(errorOf(() => parseBracketed(" "))).toEqual(["EMPTY", 1]);
    expect(errorOf(() => parseBracketed("(01)0950600013435(10)A"))).toEqual(["TOO_SHORT", 17]);
  });
});
