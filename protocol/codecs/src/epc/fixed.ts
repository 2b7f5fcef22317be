import type { BitReader, BitWriter } from "./bits.js";
import { inSet } from "./text.js";

/** "Integer" (TDS 2.3 §14.3.1): no leading zeros. */
export function writeInteger(writer: BitWriter, text: string, bits: number, field: string): void {
  if (!/^(0|[1-9]\d*)$/.test(text)) {
    writer.fail("BAD_VALUE", field, `"${text}" is no number without leading zeros`);
  }
  writer.decimal(text, bits, field);
}

/** "String" (§14.4.2): seven bits a character, up to the first that is zero; nothing but zeros may follow. */
export function readString(reader: BitReader, bits: number, field: string): string {
  const end = reader.at + bits;
  let text = "";
  while (reader.at + 7 <= end) {
    const code = reader.uint(7, field);
    if (code === 0) break;
    text += String.fromCharCode(code);
  }
  while (reader.at < end) {
    if (reader.uint(Math.min(24, end - reader.at), field) !== 0) {
      reader.fail("BAD_CHARACTER", field, "characters follow its end");
    }
  }
  return text;
}

export function writeString(writer: BitWriter, text: string, bits: number, field: string): void {
  if (text.length * 7 > bits) {
    writer.fail("BAD_VALUE", field, `${text.length} characters, and at most ${Math.floor(bits / 7)} are allowed`);
  }
  for (const character of text) writer.uint(character.charCodeAt(0), 7);
  writer.zeros(bits - text.length * 7);
}

/** "Numeric string" (§14.4.6): the digits after a 1 that keeps their leading zeros. */
export function readNumericString(reader: BitReader, bits: number, field: string): string {
  const text = reader.decimal(bits, field);
  if (!/^1\d/.test(text))
    reader.fail("BAD_VALUE", field, `${text} does not begin with the 1 that stands before digits`);
  return text.slice(1);
}

export function writeNumericString(writer: BitWriter, text: string, bits: number, field: string): void {
  writer.decimal(`1${text}`, bits, field);
}

/** "6-bit variable string" (§14.4.8): characters of table G-1 up to a zero. */
export function readSixBits(reader: BitReader, field: string, most: number): string {
  let text = "";
  for (let code = reader.uint(6, field); code !== 0; code = reader.uint(6, field)) {
    if (text.length === most) reader.fail("OUT_OF_RANGE", field, `more than ${most} characters`);
    text += sixBitCharacter(code);
  }
  return text;
}

export function writeSixBits(writer: BitWriter, text: string): void {
  for (const character of text) writer.uint(character.charCodeAt(0) & 0x3f, 6);
  writer.uint(0, 6);
}

/** "6-bit CAGE/DoDAAC" (§14.4.7), or in 8 bits as the DoD has it: six characters, a CAGE code after a space. */
export function readCage(reader: BitReader, width: 6 | 8, field: string): string {
  let text = "";
  for (let i = 0; i < 6; i++) {
    const code = reader.uint(width, field);
    text += width === 6 ? sixBitCharacter(code) : String.fromCharCode(code);
  }
  const cage = text.startsWith(" ") ? text.slice(1) : text;
  if (!inSet("cage", cage)) reader.fail("BAD_CHARACTER", field, `"${text}" is no CAGE code or DoDAAC`);
  return cage;
}

export function writeCage(writer: BitWriter, text: string, width: 6 | 8): void {
  for (const character of text.padStart(6, " "))
    writer.uint(character.charCodeAt(0) & (width === 6 ? 0x3f : 0xff), width);
}

/** Table G-1 leaves out the uppermost bit of ASCII and the one that follows from the next. */
function sixBitCharacter(code: number): string {
  return String.fromCharCode(code < 32 ? code + 64 : code);
}
