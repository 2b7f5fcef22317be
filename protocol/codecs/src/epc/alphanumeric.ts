import type { BitReader, BitWriter } from "./bits.js";
import { bitsOfDigits } from "./decimal.js";

/** What these methods need to know of a field, of an EPC or of +AIDC data. */
export interface Variable {
  readonly name: string;
  readonly lengthBits: number;
  readonly max: number;
}

interface Encoding {
  readonly name: string;
  readonly characters: RegExp;
  bits(length: number): number;
  read(reader: BitReader, length: number, field: string): string;
  write(writer: BitWriter, text: string, field: string): void;
}

const HEX = "0123456789ABCDEF";
const BASE_64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
/** Table 14-8; a space stands for the pad character. */
const CODE_40 = " ABCDEFGHIJKLMNOPQRSTUVWXYZ-.:0123456789";
const ASCII = String.fromCharCode(...Array(128).keys());

/** Table E: the place of a method is its encoding indicator. */
const encodings: readonly Encoding[] = [
  {
    name: "numeric string",
    characters: /^\d+$/,
    bits: bitsOfDigits,
    read: readDigits,
    write: (writer, text, field) => writer.decimal(text, bitsOfDigits(text.length), field),
  },
  byCharacter("upper case hexadecimal", /^[0-9A-F]+$/, HEX, 4),
  byCharacter("lower case hexadecimal", /^[0-9a-f]+$/, HEX.toLowerCase(), 4),
  byCharacter("file-safe base 64", /^[\w-]+$/, BASE_64, 6),
  byCharacter("7-bit ASCII", /^[!-~]+$/, ASCII, 7),
  { name: "URN Code 40", characters: /^[A-Z0-9.:-]+$/, bits: code40Bits, read: readCode40, write: writeCode40 },
];

/** "Variable-length alphanumeric" (TDS 2.3 §14.5.6): encoding indicator, length indicator, characters. */
export function readAlphanumeric(reader: BitReader, field: Variable): string {
  const indicator = reader.uint(3, field.name);
  const encoding = encodings[indicator];
  if (encoding === undefined)
    return reader.fail("RESERVED", field.name, `the encoding indicator ${indicator} is reserved`);
  return encoding.read(reader, readLength(reader, field), field.name);
}

/** The method that takes fewest bits; of two that take the same, the one with the lower indicator. */
export function writeAlphanumeric(writer: BitWriter, field: Variable, text: string): void {
  let best = text === "" ? 0 : 4;
  for (const [indicator, encoding] of encodings.entries()) {
    const less = encoding.bits(text.length) - (encodings[best]?.bits(text.length) ?? 0);
    if (encoding.characters.test(text) && (less < 0 || (less === 0 && indicator < best))) best = indicator;
  }
  writer.uint(best, 3);
  writer.uint(text.length, field.lengthBits);
  if (text !== "") encodings[best]?.write(writer, text, field.name);
}

/** "Variable-length numeric string without encoding indicator" (§14.5.13). */
export function readNumeric(reader: BitReader, field: Variable): string {
  return readDigits(reader, readLength(reader, field), field.name);
}

export function writeNumeric(writer: BitWriter, field: Variable, text: string): void {
  writer.uint(text.length, field.lengthBits);
  if (text !== "") writer.decimal(text, bitsOfDigits(text.length), field.name);
}

/** Three digits by their twelve bits; "" where one is none. */
const DIGITS_OF_BITS: readonly string[] = Array.from({ length: 0x1000 }, (_, bits) => {
  const text = bits.toString(16).padStart(3, "0");
  return /^\d+$/.test(text) ? text : "";
});

/** "Fixed-length numeric" (§14.5.4): four bits a digit. */
export function readFixedNumeric(reader: BitReader, digits: number, field: string): string {
  let text = "";
  while (text.length < digits) {
    const count = Math.min(3, digits - text.length);
    const bits = reader.uint(count * 4, field);
    const some = DIGITS_OF_BITS[bits] ?? "";
    if (some === "") reader.fail("BAD_CHARACTER", field, `${bits.toString(16).toUpperCase()} stands where digits are`);
    text += count === 3 ? some : some.slice(3 - count);
  }
  return text;
}

export function writeFixedNumeric(writer: BitWriter, text: string): void {
  for (const digit of text) writer.uint(Number(digit), 4);
}

/** "Delimited/terminated numeric" (§14.5.5): digits, then F for the end or E for characters of the method above. */
export function readDelimited(reader: BitReader, field: Variable): string {
  let text = "";
  for (;;) {
    const digit = reader.uint(4, field.name);
    if (digit === 15) return text;
    if (digit === 14) return text + readAlphanumeric(reader, field);
    if (digit > 9) reader.fail("RESERVED", field.name, `digit ${text.length + 1} is ${HEX[digit]}`);
    text += digit;
  }
}

export function writeDelimited(writer: BitWriter, field: Variable, text: string): void {
  const digits = /^\d*/.exec(text)?.[0] ?? "";
  writeFixedNumeric(writer, digits);
  writer.uint(digits === text ? 15 : 14, 4);
  if (digits !== text) writeAlphanumeric(writer, field, text.slice(digits.length));
}

/** Bits of "URN Code 40" (§14.5.6.5): 16 for three characters. */
export function code40Bits(length: number): number {
  return Math.ceil(length / 3) * 16;
}

export function readCode40(reader: BitReader, length: number, field: string): string {
  let text = "";
  for (let left = length; left > 0; left -= 3) {
    const value = reader.uint(16, field) - 1;
    const indexes = [Math.floor(value / 1600), Math.floor(value / 40) % 40, value % 40];
    for (const [place, index] of indexes.entries()) {
      const character = CODE_40[index];
      if (character === undefined || (character === " ") !== place >= left) {
        reader.fail("BAD_CHARACTER", field, `${value + 1} is no group of URN Code 40`);
      }
      if (place < left) text += character;
    }
  }
  return text;
}

export function writeCode40(writer: BitWriter, text: string): void {
  for (let i = 0; i < text.length; i += 3) {
    const [first = 0, second = 0, third = 0] = [...text.slice(i, i + 3)].map((one) => CODE_40.indexOf(one));
    writer.uint(1600 * first + 40 * second + third + 1, 16);
  }
}

function readLength(reader: BitReader, { name, lengthBits, max }: Variable): number {
  const length = reader.uint(lengthBits, name);
  if (length > max) reader.fail("OUT_OF_RANGE", name, `${length} characters, and at most ${max} are allowed`);
  return length;
}

/** As many digits as the length says, zeros in front kept (§14.5.6.1). */
function readDigits(reader: BitReader, length: number, field: string): string {
  if (length === 0) return "";
  const text = reader.decimal(bitsOfDigits(length), field);
  if (text.length > length) reader.fail("OUT_OF_RANGE", field, `${text} has more than ${length} digits`);
  return text.padStart(length, "0");
}

function byCharacter(name: string, characters: RegExp, alphabet: string, width: number): Encoding {
  return {
    name,
    characters,
    bits: (length) => length * width,
    read: (reader, length, field) => {
      let text = "";
      for (let i = 0; i < length; i++) text += alphabet[reader.uint(width, field)];
      return text;
    },
    write: (writer, text) => {
      for (const character of text) writer.uint(alphabet.indexOf(character), width);
    },
  };
}
