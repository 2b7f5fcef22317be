import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { gs1ErrorOf } from "../../test/gs1-error.js";
import { hibcCheckCharacter, parseBarcode, parseHibc } from "./index.js";

const today = "2026-11-25";
const checked = (text: string) => text + hibcCheckCharacter(text);
const read = (text: string) => {
  const result = parseBarcode(text, { today });
  if (!result.ok) throw new Error(`${text}: ${result.error.message}`);
  return result;
};

const errorOf = (text: string) => gs1ErrorOf(() => parseHibc(text, { today }));

describe("the check character", () => {
  it("is that of the standard's example (ANSI/HIBC 2.6 §B.2)", () => {
    expect(hibcCheckCharacter("+A123BJC5D6E71")).toBe("G");
    expect(hibcCheckCharacter("+a")).toBeUndefined();
  });

  it("finds every single wrong character", () => {
    const text = "+A99912345/$$52001510X33";
    expect(read(text).di).toBe("A99912345");
    for (let at = 1; at < text.length; at++) {
      for (const other of "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ") {
        if (other !== text[at]) expect(errorOf(text.slice(0, at) + other + text.slice(at + 1))[0]).toBe("BAD_CHECK");
      }
    }
  });

  it("may be a blank, written _ in print, or a slash", () => {
    const product = (check: string) => {
      for (let n = 100; ; n++) if (hibcCheckCharacter(`+A999${n}0`) === check) return `+A999${n}0`;
    };
    expect(read(`${product(" ")} `).di).toBe(product(" ").slice(1));
    expect(read(`*${product(" ")}_*`).di).toBe(product(" ").slice(1));
    expect(read(`${product("/")}/`).di).toBe(product("/").slice(1));
    expect(() => parseHibc(product(" "))).toThrow(/blank|must be/);
  });
});

describe("primary data", () => {
  it("has labeler, product and unit of measure, with or without asterisks", () => {
    for (const text of ["+A123BJC5D6E71G", "*+A123BJC5D6E71G*"]) {
      expect(parseHibc(text)).toMatchObject({
        di: "A123BJC5D6E71",
        labeler: "A123",
        product: "BJC5D6E7",
        unitOfMeasure: 1,
      });
    }
  });

  it("is refused where it is malformed", () => {
    expect(errorOf("A123")).toEqual(["NOT_RECOGNISED", 0]);
    expect(errorOf("+A1")).toEqual(["TOO_SHORT", 3]);
    expect(errorOf(checked("+A-23456"))).toEqual(["BAD_CHARACTER", 1]);
    expect(errorOf(checked("+A1231"))).toEqual(["TOO_SHORT", 6]);
    expect(errorOf(checked(`+A123${"4".repeat(20)}`))).toEqual(["TOO_LONG", 24]);
    expect(errorOf(checked("+A12345.0"))).toEqual(["BAD_CHARACTER", 7]);
    expect(errorOf(checked("+A12345B"))).toEqual(["BAD_VALUE", 7]);
    expect(errorOf("+A123BJC5d6E71G")).toEqual(["BAD_CHARACTER", 9]);
    expect(errorOf("+A123BJC5D6E71H")).toEqual(["BAD_CHECK", 14]);
  });
});

describe("every form of HIBC secondary data", () => {
  const pi = (secondary: string) => {
    const barcode = read(checked(`+A99912345/${secondary}`));
    const quantity = barcode.elements.find(({ title }) => title === "QUANTITY")?.decimal;
    return { ...barcode.pi, ...(quantity === undefined ? {} : { quantity }) };
  };

  it.each([
    ["$ LOT", "$3C001", { lot: "3C001" }],
    ["$+ SERIAL", "$+0001", { serial: "0001" }],
    ["$$ MMYY LOT", "$$09273C001", { expiry: "2027-09-30", lot: "3C001" }],
    ["$$2 MMDDYY LOT", "$$20928273C001", { expiry: "2027-09-28", lot: "3C001" }],
    ["$$3 YYMMDD LOT", "$$32709283C001", { expiry: "2027-09-28", lot: "3C001" }],
    ["$$4 YYMMDDHH LOT", "$$4270928223C001", { expiry: "2027-09-28", expiryTime: "22:00", lot: "3C001" }],
    ["$$5 YYJJJ LOT", "$$5272713C001", { expiry: "2027-09-28", lot: "3C001" }],
    ["$$6 YYJJJHH LOT", "$$627271223C001", { expiry: "2027-09-28", expiryTime: "22:00", lot: "3C001" }],
    ["$$7 LOT", "$$73C001", { lot: "3C001" }],
    ["$$+ MMYY SERIAL", "$$+09270001", { expiry: "2027-09-30", serial: "0001" }],
    ["$$+2 MMDDYY SERIAL", "$$+20928270001", { expiry: "2027-09-28", serial: "0001" }],
    ["$$+4 YYMMDDHH SERIAL", "$$+4270928220001", { expiry: "2027-09-28", expiryTime: "22:00", serial: "0001" }],
    ["$$+5 YYJJJ SERIAL", "$$+5272710001", { expiry: "2027-09-28", serial: "0001" }],
    ["$$+6 YYJJJHH SERIAL", "$$+627271220001", { expiry: "2027-09-28", expiryTime: "22:00", serial: "0001" }],
    ["$$+7 SERIAL", "$$+73C001", { serial: "3C001" }],
    ["$$+3 YYMMDD SERIAL", "$$+32709280001", { expiry: "2027-09-28", serial: "0001" }],
    ["$$8 QQ MMYY LOT", "$$82409273C001", { quantity: "24", expiry: "2027-09-30", lot: "3C001" }],
    ["$$8 QQ 3 YYMMDD LOT", "$$82432709283C001", { quantity: "24", expiry: "2027-09-28", lot: "3C001" }],
    ["$$8 QQ", "$$824", { quantity: "24" }],
    ["$$9 QQQQQ 7 LOT", "$$90010073C001", { quantity: "100", lot: "3C001" }],
    ["$$9 QQQQQ 5 YYJJJ", "$$900100527271", { quantity: "100", expiry: "2027-09-28" }],
    ["YYJJJ", "27271", { expiry: "2027-09-28" }],
    ["YYJJJ LOT", "272713C001", { expiry: "2027-09-28", lot: "3C001" }],
    ["S SERIAL", "$$7LOT1/S0001", { lot: "LOT1", serial: "0001" }],
    ["16D YYYYMMDD", "$$7LOT1/16D20260101", { lot: "LOT1", productionDate: "2026-01-01" }],
    ["14D YYYYMMDD", "$$7LOT1/14D20270928", { lot: "LOT1", expiry: "2027-09-28" }],
    ["Q QUANTITY", "$$7LOT1/Q500", { lot: "LOT1", quantity: "500" }],
    [
      "several supplements",
      "$$7LOT1/S0001/16D20260101/14D20270928/Q500",
      { lot: "LOT1", serial: "0001", productionDate: "2026-01-01", expiry: "2027-09-28", quantity: "500" },
    ],
  ])("%s: as in %s", (_, secondary, expected) => {
    expect(pi(secondary)).toEqual(expected);
  });
});

describe("secondary data", () => {
  it("without a day means the last of the month, and says so", () => {
    expect(read(checked("+A99912345/$$0228LOT")).flags).toMatchObject([{ code: "DAY_UNSPECIFIED", position: 13 }]);
  });

  it("in a symbol of its own names the primary data that it belongs to", () => {
    const secondary = parseHibc("+$$52001510X3GD", { today });
    expect(secondary).toMatchObject({
      linkCharacter: "G",
      elements: [{ value: "20015", date: "2020-01-15" }, { value: "10X3" }],
    });
    expect(secondary.di).toBeUndefined();
    expect(parseHibc("+A123BJC5D6E71G").linkCharacter).toBe("G");
    expect(parseHibc("+A99912345/$$52001510X33").linkCharacter).toBeUndefined();
    expect(read("+$$52001510X3GD").pi).toEqual({ expiry: "2020-01-15", lot: "10X3" });
  });

  it("is refused where it is malformed", () => {
    const refusal = (secondary: string) => errorOf(checked(`+A99912345/${secondary}`));
    expect(refusal("$$3270229A")).toEqual(["BAD_DATE", 18]);
    expect(refusal("$$3271301A")).toEqual(["BAD_DATE", 16]);
    expect(refusal("$$1327A")).toEqual(["BAD_DATE", 13]);
    expect(refusal("$$527366A")).toEqual(["BAD_DATE", 16]);
    expect(refusal("$$32705")).toEqual(["BAD_DATE", 14]);
    expect(refusal("$$427092824A")).toEqual(["BAD_TIME", 20]);
    expect(refusal("$$8A409273C001")).toEqual(["BAD_VALUE", 14]);
    expect(refusal("$$X")).toEqual(["BAD_VALUE", 13]);
    expect(refusal("$12345678901234567890")).toEqual(["TOO_LONG", 30]);
    expect(refusal("$A%")).toEqual(["BAD_CHARACTER", 13]);
    expect(refusal("$A/X1")).toEqual(["UNKNOWN_IDENTIFIER", 14]);
    expect(refusal("$A/S")).toEqual(["TOO_SHORT", 15]);
    expect(refusal("$A/16D2026010")).toEqual(["BAD_DATE", 17]);
    expect(refusal("$A/QX")).toEqual(["BAD_VALUE", 15]);
    const twice = parseBarcode(checked("+A99912345/$+A/SB"), { today });
    expect(twice).toMatchObject({ ok: false, error: { code: "CONFLICT", position: 16 } });
  });
});

it("any products, lots and serials come back", () => {
  const name = fc.stringMatching(/^[A-Z0-9]{1,18}$/);
  fc.assert(
    fc.property(name, fc.nat(9), name, name, (product, unit, lot, serial) => {
      const text = checked(`+A999${product}${unit}/$$3270531${lot}/S${serial}`);
      expect(read(text)).toMatchObject({ di: `A999${product}${unit}`, pi: { expiry: "2027-05-31", lot, serial } });
    }),
  );
});
