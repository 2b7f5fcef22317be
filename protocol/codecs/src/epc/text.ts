import { EpcError } from "./errors.js";

/** The characters of a GS1 serial (GS1 General Specifications, figure 7.11-1; TDS 2.3 table A-1). */
const AI_82 = /^[!"%&'()*+,\-./0-9:;<=>?A-Z_a-z]+$/;

const BITS_PER_CHARACTER = 7n;

/** Characters as seven bits each, left-aligned in `bits`, filled up with zeros (TDS 2.3 §14.3.2). */
export function encodeString(scheme: string, field: string, text: string, bits: number): bigint {
  const room = bits / 7;
  if (text.length === 0 || text.length > room) {
    throw new EpcError("BAD_VALUE", scheme, field, `1 to ${room} characters wanted, not ${text.length}`);
  }
  if (!AI_82.test(text)) throw new EpcError("BAD_CHARACTER", scheme, field, `"${text}" has characters GS1 forbids`);
  let value = 0n;
  for (const character of text.padEnd(room, "\0")) value = (value << BITS_PER_CHARACTER) | codeOf(character);
  return value;
}

/** The inverse of `encodeString`. Nothing but zeros may follow the first zero. */
export function decodeString(scheme: string, field: string, value: bigint, bits: number): string {
  let text = "";
  for (let shift = bits - 7; shift >= 0; shift -= 7) {
    text += String.fromCharCode(Number((value >> BigInt(shift)) & 0x7fn));
  }
  const trimmed = text.replace(/\0+$/, "");
  if (trimmed === "") throw new EpcError("BAD_VALUE", scheme, field, "it is empty");
  if (!AI_82.test(trimmed)) throw new EpcError("BAD_CHARACTER", scheme, field, "it has characters GS1 forbids");
  return trimmed;
}

/** Escapes what an EPC URI may not hold as it is (TDS 2.3 table A-1). */
export function escapeForUri(text: string): string {
  return text.replace(/["%&/<>?]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
}

function codeOf(character: string): bigint {
  return BigInt(character.charCodeAt(0));
}
