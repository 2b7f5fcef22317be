import {
  readAlphanumeric,
  readDelimited,
  readFixedNumeric,
  readNumeric,
  type Variable,
  writeAlphanumeric,
  writeDelimited,
  writeFixedNumeric,
  writeNumeric,
} from "./alphanumeric.js";
import type { BitReader, BitWriter } from "./bits.js";
import { readDate, readTime, writeDate, writeTime } from "./date.js";
import { bitsOfDigits } from "./decimal.js";
import { inSet } from "./text.js";

/** One component of a value (table F): its method by a letter, see `aidc-table.ts`, and its digits or most characters. */
export interface Component {
  readonly method: string;
  readonly size: number;
  readonly optional: boolean;
}

interface Method {
  /** What the text looks like, for a component of that size. */
  pattern(size: number): RegExp;
  read(reader: BitReader, variable: Variable): string;
  write(writer: BitWriter, text: string, variable: Variable): void;
}

const digits = (size: number) => new RegExp(`^\\d{${size}}$`);
const upTo = (size: number) => new RegExp(`^[!-~]{0,${size}}$`);
const like = (pattern: RegExp) => () => pattern;

const methods: Readonly<Record<string, Method>> = {
  n: {
    pattern: digits,
    read: (reader, { name, max }) => readFixedNumeric(reader, max, name),
    write: (writer, text) => writeFixedNumeric(writer, text),
  },
  // "Fixed-bit-length numeric string" (§14.5.2).
  i: {
    pattern: digits,
    read: (reader, { name, max }) => {
      const text = reader.decimal(bitsOfDigits(max), name).padStart(max, "0");
      return text.length > max ? reader.fail("OUT_OF_RANGE", name, `${text} has more than ${max} digits`) : text;
    },
    write: (writer, text, { name, max }) => writer.decimal(text, bitsOfDigits(max), name),
  },
  a: {
    pattern: upTo,
    read: readAlphanumeric,
    write: (writer, text, variable) => writeAlphanumeric(writer, variable, text),
  },
  v: {
    pattern: (size) => new RegExp(`^\\d{0,${size}}$`),
    read: readNumeric,
    write: (writer, text, variable) => writeNumeric(writer, variable, text),
  },
  x: {
    pattern: upTo,
    read: readDelimited,
    write: (writer, text, variable) => writeDelimited(writer, variable, text),
  },
  d: {
    pattern: digits.bind(undefined, 6),
    read: (reader, { name }) => readDate(reader, name),
    write: (writer, text, { name }) => writeDate(writer, name, text),
  },
  // "10-digit date+time YYMMDDhhmm" (§14.5.9).
  t: {
    pattern: digits.bind(undefined, 10),
    read: (reader, { name }) => readDate(reader, name) + readTime(reader, 4, name),
    write: (writer, text, { name }) => writeDateTime(writer, text, name),
  },
  // "Variable-format date / date range" (§14.5.10): a bit, then one or two.
  r: {
    pattern: like(/^(\d{6}){1,2}$/),
    read: (reader, { name }) => {
      const range = reader.uint(1, name) === 1;
      return readDate(reader, name) + (range ? readDate(reader, name) : "");
    },
    write: (writer, text, { name }) => {
      writer.uint(text.length > 6 ? 1 : 0, 1);
      writeDate(writer, name, text.slice(0, 6));
      if (text.length > 6) writeDate(writer, name, text.slice(6));
    },
  },
  // "Variable-precision date+time" (§14.5.11): two bits say how precise.
  p: {
    pattern: like(/^\d{6}(\d\d){0,3}$/),
    read: (reader, { name }) => {
      const timeDigits = [2, 4, 6, 0][reader.uint(2, name)] ?? 0;
      return readDate(reader, name) + readTime(reader, timeDigits, name);
    },
    write: (writer, text, { name }) => {
      writer.uint([8, 10, 12, 6].indexOf(text.length), 2);
      writeDateTime(writer, text, name);
    },
  },
  // "Country code (ISO 3166-1 alpha-2)" (§14.5.12): base 64, of which the first letters are A to Z.
  c: {
    pattern: like(/^[A-Z]{2}$/),
    read: (reader, { name }) => {
      const places = [reader.uint(6, name), reader.uint(6, name)];
      if (Math.max(...places) > 25) reader.fail("BAD_CHARACTER", name, "a country code has letters A to Z");
      return String.fromCharCode(...places.map((place) => 65 + place));
    },
    write: (writer, text) => {
      for (const letter of text) writer.uint(letter.charCodeAt(0) - 65, 6);
    },
  },
  // "Single data bit" (§14.5.7).
  b: {
    pattern: like(/^[01]$/),
    read: (reader, { name }) => String(reader.uint(1, name)),
    write: (writer, text) => writer.uint(Number(text), 1),
  },
  // "Optional minus sign in 1 bit" (§14.5.14).
  m: {
    pattern: like(/^-?$/),
    read: (reader, { name }) => (reader.uint(1, name) === 1 ? "-" : ""),
    write: (writer, text) => writer.uint(text.length, 1),
  },
  // "Sequence indicator" (§14.5.15): 1/3 is the first of three.
  s: {
    pattern: like(/^[1-9]\/[1-9]$/),
    read: (reader, { name }) => [...readFixedNumeric(reader, 2, name)].join("/"),
    write: (writer, text) => writeFixedNumeric(writer, text.replace("/", "")),
  },
};

export function readComponent(reader: BitReader, component: Component, name: string): string {
  const method = methods[component.method];
  const text = method?.read(reader, variableOf(component, name)) ?? "";
  if (!fits(component, text)) reader.fail("BAD_VALUE", name, `"${text}" is no value of it`);
  return text;
}

export function writeComponent(writer: BitWriter, component: Component, text: string, name: string): void {
  if (!fits(component, text)) writer.fail("BAD_VALUE", name, `"${text}" is no value of it`);
  methods[component.method]?.write(writer, text, variableOf(component, name));
}

function fits({ method, size, optional }: Component, text: string): boolean {
  if (text === "") return optional || method === "m";
  return methods[method]?.pattern(size).test(text) === true && (inSet("82", text) || inSet("39", text));
}

/** A length indicator has as many bits as the most characters take, of which the 30 of delimited values count whole. */
function variableOf({ size }: Component, name: string): Variable {
  return { name, max: size, lengthBits: Math.ceil(Math.log2(size + 1)) };
}

function writeDateTime(writer: BitWriter, text: string, name: string): void {
  writeDate(writer, name, text.slice(0, 6));
  writeTime(writer, name, text.slice(6));
}
