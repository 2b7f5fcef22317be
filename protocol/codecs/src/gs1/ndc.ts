import { gs1CheckDigit, hasValidCheckDigit } from "./check-digit.js";
import { Gs1Error } from "./errors.js";

/** Digits of labeler, product and package of the three shapes of a 10-digit NDC (21 CFR 207.33). */
const SHAPES = { "4-4-2": [4, 4, 2], "5-3-2": [5, 3, 2], "5-4-1": [5, 4, 1] } as const;

export type NdcShape = keyof typeof SHAPES;

/** One National Drug Code in all its forms, each with dashes. */
export interface Ndc {
  /** The shape of the 10-digit form, where there is one. */
  readonly shape?: NdcShape;
  /** As labelers write it until 2033-03-07; a 12-digit NDC that does not come from one has none. */
  readonly ndc10?: string;
  /** 5-4-2, as bills have it. None where the labeler needs six digits. */
  readonly ndc11?: string;
  /** 6-4-2, the form of all NDCs from 2033-03-07 (FR 2026-04368). */
  readonly ndc12: string;
  /** The GTIN of 14 digits with indicator 0: 003, the ten digits, check digit. */
  readonly gtin?: string;
}

/**
 * Every NDC that a text can mean: with dashes in any of the forms, or 10, 11 or 12 digits. Ten digits without dashes have
 * three readings; 11 and 12 digits have one for each 10-digit form that they may come from, or one without. Throws Gs1Error.
 */
export function readNdc(text: string): Ndc[] {
  const wrong = text.search(/[^\d-]/);
  if (wrong >= 0) throw new Gs1Error("BAD_CHARACTER", wrong, "an NDC has digits and dashes");
  const parts = text.includes("-") ? text.split("-") : undefined;
  if (parts !== undefined) return readDashed(parts);
  switch (text.length) {
    case 10:
      return readTenDigits(text);
    case 11:
      return readLong(`0${text.slice(0, 5)}`, text.slice(5, 9), text.slice(9));
    case 12:
      return readLong(text.slice(0, 6), text.slice(6, 10), text.slice(10));
    default: {
      const code = text.length < 10 ? "TOO_SHORT" : "TOO_LONG";
      throw new Gs1Error(code, Math.min(text.length, 12), `an NDC has 10, 11 or 12 digits, not ${text.length}`);
    }
  }
}

/** The one NDC that a text means. Throws Gs1Error AMBIGUOUS where there are more. */
export function parseNdc(text: string): Ndc {
  const [only, ...others] = readNdc(text);
  if (only === undefined) throw new Gs1Error("EMPTY", 0, "no NDC is there");
  if (others.length > 0) {
    const forms = [only, ...others].map(({ ndc10 }) => ndc10).join(", ");
    const message = `it can be ${forms}: write it with dashes, or look it up in the NDC directory`;
    throw new Gs1Error("AMBIGUOUS", 0, message);
  }
  return only;
}

/**
 * The GTIN of 14 digits of a 10-digit NDC, with or without dashes, for a package level: 0 the unit, 1 to 7 the packages
 * around it. The digits are the same in all three shapes. Throws Gs1Error.
 */
export function gtinOfNdc(ndc10: string, indicator = 0): string {
  const digits = ndc10.replaceAll("-", "");
  const isShape =
    !ndc10.includes("-") ||
    ndc10
      .split("-")
      .map(({ length }) => length)
      .join("-") in SHAPES;
  if (!/^\d{10}$/.test(digits) || !isShape) {
    const message = "only an NDC of 10 digits, 4-4-2, 5-3-2 or 5-4-1, is part of a GTIN: convert it first";
    throw new Gs1Error("BAD_VALUE", 0, message);
  }
  if (!Number.isInteger(indicator) || indicator < 0 || indicator > 7) {
    throw new Gs1Error("BAD_VALUE", 0, `the indicator is 0 to 7, not ${indicator}`);
  }
  const start = `${indicator}03${digits}`;
  return start + gs1CheckDigit(start);
}

/**
 * The NDCs that a GTIN of 12 (UPC-A), 13 or 14 digits can hold: always three readings, for a GTIN does not say where the
 * dashes stand. Throws Gs1Error where it is no GTIN of a United States drug.
 */
export function ndcOfGtin(gtin: string): Ndc[] {
  if (!/^\d{12,14}$/.test(gtin)) throw new Gs1Error("BAD_VALUE", 0, "a GTIN has 12, 13 or 14 digits");
  if (!hasValidCheckDigit(gtin)) {
    const message = `the check digit is ${gtin.slice(-1)} and must be ${gs1CheckDigit(gtin.slice(0, -1))}`;
    throw new Gs1Error("BAD_CHECK", gtin.length - 1, message);
  }
  const long = gtin.padStart(14, "0");
  if (!long.startsWith("03", 1)) {
    throw new Gs1Error(
      "BAD_VALUE",
      Math.max(gtin.length - 13, 0),
      "a GTIN with an NDC has 03 after the indicator digit",
    );
  }
  return readTenDigits(long.slice(3, 13));
}

function readDashed(parts: readonly string[]): Ndc[] {
  const shape = parts.map(({ length }) => length).join("-");
  const [labeler = "", product = "", pack = ""] = parts;
  if (shape in SHAPES) return [fromTen(labeler, product, pack, shape as NdcShape)];
  if (shape === "5-4-2") return readLong(`0${labeler}`, product, pack);
  if (shape === "6-4-2") return readLong(labeler, product, pack);
  throw new Gs1Error("BAD_VALUE", 0, `an NDC is written 4-4-2, 5-3-2, 5-4-1, 5-4-2 or 6-4-2, not ${shape}`);
}

function readTenDigits(digits: string): Ndc[] {
  return Object.entries(SHAPES).map(([shape, [labeler, product]]) =>
    fromTen(
      digits.slice(0, labeler),
      digits.slice(labeler, labeler + product),
      digits.slice(labeler + product),
      shape as NdcShape,
    ),
  );
}

function fromTen(labeler: string, product: string, pack: string, shape: NdcShape): Ndc {
  const ndc10 = `${labeler}-${product}-${pack}`;
  const [longProduct, longPack] = [product.padStart(4, "0"), pack.padStart(2, "0")];
  return {
    shape,
    ndc10,
    ndc11: `${labeler.padStart(5, "0")}-${longProduct}-${longPack}`,
    ndc12: `${labeler.padStart(6, "0")}-${longProduct}-${longPack}`,
    gtin: gtinOfNdc(ndc10),
  };
}

/** The 10-digit forms with one zero too many, or the long form alone where no zero can have been put in. */
function readLong(labeler: string, product: string, pack: string): Ndc[] {
  const readings: Ndc[] = [];
  if (labeler.startsWith("00")) readings.push(fromTen(labeler.slice(2), product, pack, "4-4-2"));
  if (labeler.startsWith("0") && product.startsWith("0"))
    readings.push(fromTen(labeler.slice(1), product.slice(1), pack, "5-3-2"));
  if (labeler.startsWith("0") && pack.startsWith("0"))
    readings.push(fromTen(labeler.slice(1), product, pack.slice(1), "5-4-1"));
  if (readings.length > 0) return readings;
  const tail = `${product}-${pack}`;
  return [
    { ...(labeler.startsWith("0") ? { ndc11: `${labeler.slice(1)}-${tail}` } : {}), ndc12: `${labeler}-${tail}` },
  ];
}
