import { gs1CheckDigit, hasValidCheckDigit } from "../gs1/check-digit.js";
import type { BitReader, BitWriter } from "./bits.js";
import { padded, powerOfTen, withCheckDigit } from "./decimal.js";
import type { EpcErrorCode } from "./errors.js";
import type { Part } from "./schemes.js";

/** Bits of the company prefix for the partition values 0 to 6, which stand for 12 down to 6 digits (TDS 2.3 §14.6). */
export const PREFIX_BITS: readonly number[] = [40, 37, 34, 30, 27, 24, 20];

/** Digits of the piece and of the total that end an ITIP, and the bits of each. */
const PIECE = { digits: 2, bits: 7 } as const;
const GTIN_DIGITS = 14;

/** Company prefix and what follows it in an EPC URI. */
export interface Parts {
  readonly prefix: string;
  readonly reference: string;
}

/** A reader or a writer, or whatever knows the scheme that errors name. */
export interface Failing {
  fail(code: EpcErrorCode, field: string, detail: string): never;
}

/** What is being decoded, as far as a partition says something of it. */
export interface Draft {
  companyPrefixLength?: number;
}

/** The partition value, which is 12 less the digits of the company prefix. */
export function readPartition(reader: BitReader, draft: Draft): number {
  const value = reader.uint(3, "partition");
  if (value > 6) reader.fail("BAD_PARTITION", "partition", "the value 7 stands for no length of the company prefix");
  draft.companyPrefixLength = 12 - value;
  return value;
}

export function readPrefix(reader: BitReader, partition: number): number {
  const prefix = reader.uint(PREFIX_BITS[partition] ?? 0, "company prefix");
  if (prefix >= powerOfTen(12 - partition)) {
    reader.fail("OUT_OF_RANGE", "company prefix", `${prefix} has more than ${12 - partition} digits`);
  }
  return prefix;
}

/** "Partition table" (§14.4.3): the key with its check digit; of an ITIP with piece and total. */
export function readKey(reader: BitReader, field: Part, partition: number, bits: number): string {
  const isItip = field.name === "itip";
  const digits = isItip ? GTIN_DIGITS : (field.digits ?? 0);
  const prefixDigits = 12 - partition;
  const referenceDigits = digits - 1 - prefixDigits;
  const prefix = readPrefix(reader, partition);
  const reference = reader.uint(bits, field.name);
  if (reference >= powerOfTen(referenceDigits)) {
    reader.fail("OUT_OF_RANGE", field.name, `its reference ${reference} has more than ${referenceDigits} digits`);
  }
  const leading = field.form === "leading";
  const restDigits = leading ? referenceDigits - 1 : referenceDigits;
  const scale = powerOfTen(restDigits);
  const first = leading ? Math.floor(reference / scale) : 0;
  const rest = reference - first * scale;
  // 2^53 is a number of 16 digits.
  if (digits <= 14) {
    const value = (first * powerOfTen(prefixDigits) + prefix) * scale + rest;
    const key = withCheckDigit(value).slice(14 - digits);
    return isItip ? key + readPiece(reader) + readPiece(reader) : key;
  }
  const text = (leading ? String(first) : "") + padded(prefix, prefixDigits) + padded(rest, restDigits);
  return text + gs1CheckDigit(text);
}

export function writeKey(writer: BitWriter, field: Part, parts: Parts, bits: number): void {
  const [reference = "", piece = "", total = ""] = parts.reference.split(".");
  writer.decimal(reference === "" ? "0" : reference, bits, field.name);
  if (field.name !== "itip") return;
  writer.decimal(piece, PIECE.bits, field.name);
  writer.decimal(total, PIECE.bits, field.name);
}

export function writePrefix(writer: BitWriter, { prefix }: Parts): void {
  const partition = 12 - prefix.length;
  writer.uint(partition, 3);
  writer.decimal(prefix, PREFIX_BITS[partition] ?? 0, "company prefix");
}

/** A key in parts, as it stands in an EPC URI: what follows the prefix of an ITIP is "reference.piece.total". */
export function partsOf(failing: Failing, field: Part, key: string, prefixDigits: number): Parts {
  if (!Number.isInteger(prefixDigits) || prefixDigits < 6 || prefixDigits > 12) {
    failing.fail("BAD_PARTITION", "company prefix", `it has 6 to 12 digits, not ${prefixDigits}`);
  }
  if (field.form === "open") {
    const prefix = key.slice(0, prefixDigits);
    if (!/^\d+$/.test(prefix) || key.length <= prefixDigits) {
      failing.fail("BAD_VALUE", field.name, `"${key}" is no company prefix of ${prefixDigits} digits with a reference`);
    }
    return { prefix, reference: key.slice(prefixDigits) };
  }
  checkKey(failing, field, key);
  const digits = field.name === "itip" ? GTIN_DIGITS : (field.digits ?? 0);
  const leading = field.form === "leading" ? 1 : 0;
  const reference = key.slice(0, leading) + key.slice(leading + prefixDigits, digits - 1);
  const tail = field.name === "itip" ? `.${key.slice(digits, digits + 2)}.${key.slice(digits + 2)}` : "";
  return { prefix: key.slice(leading, leading + prefixDigits), reference: reference + tail };
}

/** The key of parts that stand in an EPC URI; the inverse of `partsOf`. */
export function keyOfParts(failing: Failing, field: Part, { prefix, reference }: Parts): string {
  if (field.form === "open") return prefix + reference;
  const digits = field.name === "itip" ? GTIN_DIGITS : (field.digits ?? 0);
  const [number = "", piece = "", total = ""] = reference.split(".");
  const leading = field.form === "leading" ? 1 : 0;
  const text = number.slice(0, leading) + prefix + number.slice(leading);
  if (!/^\d{6,12}$/.test(prefix) || !/^\d*$/.test(number) || text.length !== digits - 1) {
    failing.fail(
      "BAD_VALUE",
      field.name,
      `"${prefix}.${number}" are not a prefix and a reference of ${digits - 1} digits`,
    );
  }
  const key = text + gs1CheckDigit(text) + piece + total;
  checkKey(failing, field, key);
  return key;
}

/** Throws unless the key has the digits of its kind and ends with the right one. */
export function checkKey(failing: Failing, field: Part, key: string): void {
  const digits = field.digits ?? 0;
  if (key.length !== digits || !/^\d+$/.test(key)) {
    failing.fail("BAD_VALUE", field.name, `it has ${digits} digits, and "${key}" is not that`);
  }
  const checked = field.name === "itip" ? key.slice(0, GTIN_DIGITS) : key;
  if (!hasValidCheckDigit(checked)) {
    const digit = gs1CheckDigit(checked.slice(0, -1));
    failing.fail("BAD_CHECK_DIGIT", field.name, `${checked} ends with ${checked.slice(-1)}, and ${digit} is right`);
  }
}

/** "Fixed width integer" (§14.4.10). */
function readPiece(reader: BitReader): string {
  const value = reader.uint(PIECE.bits, "itip");
  if (value >= powerOfTen(PIECE.digits)) reader.fail("OUT_OF_RANGE", "itip", `${value} has more than 2 digits`);
  return padded(value, PIECE.digits);
}
