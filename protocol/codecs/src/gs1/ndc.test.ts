import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { gs1ErrorOf as errorOf } from "../../test/gs1-error.js";
import { gtinOfNdc, isValidGtin, type Ndc, ndcOfGtin, parseNdc, readNdc } from "./index.js";

describe("an NDC", () => {
  it("with dashes is one, in any form", () => {
    const lilly = {
      shape: "4-4-2",
      ndc10: "0002-1433-80",
      ndc11: "00002-1433-80",
      ndc12: "000002-1433-80",
      gtin: "00300021433802",
    };
    for (const text of ["0002-1433-80", "00002-1433-80", "000002-1433-80", "00002143380", "000002143380"]) {
      expect(parseNdc(text)).toEqual(lilly);
    }
    expect(parseNdc("50242-040-62")).toMatchObject({ shape: "5-3-2", ndc11: "50242-0040-62", ndc12: "050242-0040-62" });
    expect(parseNdc("60575-4112-1")).toMatchObject({ shape: "5-4-1", ndc11: "60575-4112-01", ndc12: "060575-4112-01" });
  });

  it("of ten digits without dashes has three readings and is ambiguous", () => {
    expect(readNdc("0002143380").map(({ ndc10 }) => ndc10)).toEqual(["0002-1433-80", "00021-433-80", "00021-4338-0"]);
    expect(errorOf(() => parseNdc("0002143380"))).toEqual(["AMBIGUOUS", 0]);
  });

  it("of eleven digits is ambiguous where more than one zero can have been put in", () => {
    expect(readNdc("00002-0143-08").map(({ shape }) => shape)).toEqual(["4-4-2", "5-3-2", "5-4-1"]);
    expect(errorOf(() => parseNdc("50242-0040-06"))).toEqual(["AMBIGUOUS", 0]);
    expect(parseNdc("50242-1040-62")).toEqual({ ndc11: "50242-1040-62", ndc12: "050242-1040-62" });
    expect(parseNdc("150242-1040-62")).toEqual({ ndc12: "150242-1040-62" });
    expect(parseNdc("150242104062")).toEqual({ ndc12: "150242-1040-62" });
  });

  it("is refused where it is none", () => {
    expect(errorOf(() => readNdc("0002-1433-8O"))).toEqual(["BAD_CHARACTER", 11]);
    expect(errorOf(() => readNdc("000214338"))).toEqual(["TOO_SHORT", 9]);
    expect(errorOf(() => readNdc("0002143380123"))).toEqual(["TOO_LONG", 12]);
    expect(errorOf(() => readNdc("002-1433-80"))).toEqual(["BAD_VALUE", 0]);
    expect(errorOf(() => readNdc("0002143380-"))).toEqual(["BAD_VALUE", 0]);
  });
});

describe("the GTIN of an NDC", () => {
  it("has 03 and the ten digits behind an indicator", () => {
    expect(gtinOfNdc("0002-1433-80")).toBe("00300021433802");
    expect(gtinOfNdc("0002143380", 5)).toMatch(/^5030002143380\d$/);
    expect(isValidGtin(gtinOfNdc("0002143380", 5))).toBe(true);
    expect(errorOf(() => gtinOfNdc("00002-1433-80"))).toEqual(["BAD_VALUE", 0]);
    expect(errorOf(() => gtinOfNdc("000-21433-80"))).toEqual(["BAD_VALUE", 0]);
    expect(errorOf(() => gtinOfNdc("0002143380", 9))).toEqual(["BAD_VALUE", 0]);
  });

  it("gives the NDC back in three readings, from UPC-A, 13 and 14 digits", () => {
    for (const gtin of ["300021433802", "0300021433802", "00300021433802"]) {
      expect(ndcOfGtin(gtin).map(({ ndc10 }) => ndc10)).toEqual(["0002-1433-80", "00021-433-80", "00021-4338-0"]);
    }
    expect(errorOf(() => ndcOfGtin("00300021433803"))).toEqual(["BAD_CHECK", 13]);
    expect(errorOf(() => ndcOfGtin("09506000134352"))).toEqual(["BAD_VALUE", 1]);
    expect(errorOf(() => ndcOfGtin("9506000134352"))).toEqual(["BAD_VALUE", 0]);
    expect(errorOf(() => ndcOfGtin("123"))).toEqual(["BAD_VALUE", 0]);
  });
});

describe("every form of an NDC", () => {
  const part = (length: number) => fc.stringMatching(new RegExp(`^\\d{${length}}$`));
  const dashed = (...lengths: number[]) => fc.tuple(...lengths.map(part)).map((parts) => parts.join("-"));
  const anyNdc = fc.oneof(dashed(4, 4, 2), dashed(5, 3, 2), dashed(5, 4, 1)).map(parseNdc);

  it.each([
    ["4-4-2", dashed(4, 4, 2)],
    ["5-3-2", dashed(5, 3, 2)],
    ["5-4-1", dashed(5, 4, 1)],
  ])("%s is read, and is part of its GTIN", (shape, texts) => {
    fc.assert(
      fc.property(texts, (text) => {
        expect(parseNdc(text)).toMatchObject({ shape, ndc10: text, gtin: gtinOfNdc(text) });
      }),
    );
  });

  it.each<[string, (ndc: Ndc) => string | undefined]>([
    ["5-4-2", ({ ndc11 }) => ndc11],
    ["6-4-2", ({ ndc12 }) => ndc12],
    ["10 digits", ({ ndc10 }) => ndc10?.replaceAll("-", "")],
    ["11 digits", ({ ndc11 }) => ndc11?.replaceAll("-", "")],
    ["12 digits", ({ ndc12 }) => ndc12.replaceAll("-", "")],
  ])("%s is among its readings", (_, formOf) => {
    fc.assert(
      fc.property(anyNdc, (ndc) => {
        expect(readNdc(formOf(ndc) ?? "")).toContainEqual(ndc);
      }),
    );
  });

  it.each([
    ["GTIN of 14 digits", 0],
    ["GTIN of 13 digits", 1],
    ["UPC-A", 2],
  ])("%s gives it back among its readings", (_, zeros) => {
    fc.assert(
      fc.property(anyNdc, (ndc) => {
        expect(ndcOfGtin(ndc.gtin?.slice(zeros) ?? "")).toContainEqual(ndc);
      }),
    );
  });
});
