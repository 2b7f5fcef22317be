import {
  readAlphanumeric,
  readDelimited,
  readFixedNumeric,
  readNumeric,
  writeAlphanumeric,
  writeDelimited,
  writeFixedNumeric,
  writeNumeric,
} from "./alphanumeric.js";
import type { BitReader, BitWriter } from "./bits.js";
import { padded } from "./decimal.js";
import {
  readCage,
  readNumericString,
  readSixBits,
  readString,
  writeCage,
  writeInteger,
  writeNumericString,
  writeSixBits,
  writeString,
} from "./fixed.js";
import { readHostname, writeHostname } from "./hostname.js";
import {
  checkKey,
  type Draft,
  type Failing,
  partsOf,
  readKey,
  readPartition,
  readPrefix,
  writeKey,
  writePrefix,
} from "./partition.js";
import type { Coding, Field, Part } from "./schemes.js";
import { inSet } from "./text.js";

type Method = Exclude<Coding["method"], "prioritised date">;
type CodingOf<M, C = Coding> = C extends { readonly method: infer N } ? (M extends N ? C : never) : never;
type FieldOf<M extends Method> = Part & CodingOf<M>;

/** One method of TDS 2.3 §14.3 and §14.5, both ways: `read` gives the value of a field, `write` has it. */
interface Codec<F> {
  read(reader: BitReader, field: F, draft: Draft): string;
  write(writer: BitWriter, field: F, value: string, prefixDigits: number): void;
}

const codecs: { readonly [M in Method]: Codec<FieldOf<M>> } = {
  partition: {
    read: (reader, field, draft) => {
      const partition = readPartition(reader, draft);
      return readKey(reader, field, partition, field.bits[partition] ?? 0);
    },
    write: (writer, field, value, digits) => {
      const parts = partsOf(writer, field, value, digits);
      writePrefix(writer, parts);
      writeKey(writer, field, parts, field.bits[12 - digits] ?? 0);
    },
  },
  "unpadded partition": {
    read: (reader, field, draft) => {
      const partition = readPartition(reader, draft);
      const prefix = readPrefix(reader, partition);
      return digitsOf(prefix, partition) + reader.decimal(field.bits[partition] ?? 0, field.name);
    },
    write: (writer, field, value, digits) => {
      const parts = partsOf(writer, field, value, digits);
      writePrefix(writer, parts);
      writeInteger(writer, parts.reference, field.bits[12 - digits] ?? 0, field.name);
    },
  },
  "string partition": {
    read: (reader, field, draft) => {
      const partition = readPartition(reader, draft);
      const prefix = readPrefix(reader, partition);
      const reference = readString(reader, field.bits[partition] ?? 0, field.name);
      if (reference.length > (field.most[partition] ?? 0)) {
        reader.fail("OUT_OF_RANGE", field.name, `its reference has more than ${field.most[partition]} characters`);
      }
      return digitsOf(prefix, partition) + notEmpty(reader, field, reference);
    },
    write: (writer, field, value, digits) => {
      const parts = partsOf(writer, field, value, digits);
      shortEnough(writer, field, parts.reference, field.most[12 - digits] ?? 0);
      writePrefix(writer, parts);
      writeString(writer, parts.reference, field.bits[12 - digits] ?? 0, field.name);
    },
  },
  "6-bit string partition": {
    read: (reader, field, draft) => {
      const partition = readPartition(reader, draft);
      const prefix = readPrefix(reader, partition);
      const reference = readSixBits(reader, field.name, field.most[partition] ?? 0);
      return digitsOf(prefix, partition) + notEmpty(reader, field, reference);
    },
    write: (writer, field, value, digits) => {
      const parts = partsOf(writer, field, value, digits);
      shortEnough(writer, field, parts.reference, field.most[12 - digits] ?? 0);
      writePrefix(writer, parts);
      writeSixBits(writer, parts.reference);
    },
  },
  integer: {
    read: (reader, field) => reader.decimal(field.bits, field.name),
    write: (writer, field, value) => writeInteger(writer, value, field.bits, field.name),
  },
  string: {
    read: (reader, field) => readString(reader, field.bits, field.name),
    write: (writer, field, value) => writeString(writer, value, field.bits, field.name),
  },
  "numeric string": {
    read: (reader, field) => readNumericString(reader, field.bits, field.name),
    write: (writer, field, value) => {
      if (!inSet("digits", value)) writer.fail("BAD_CHARACTER", field.name, `"${value}" is not only digits`);
      writeNumericString(writer, value, field.bits, field.name);
    },
  },
  "6-bit cage": {
    read: (reader, field) => readCage(reader, 6, field.name),
    write: (writer, _field, value) => writeCage(writer, value, 6),
  },
  "8-bit cage": {
    read: (reader, field) => readCage(reader, 8, field.name),
    write: (writer, _field, value) => writeCage(writer, value, 8),
  },
  "6-bit string": {
    read: (reader, field) => readSixBits(reader, field.name, field.max ?? 0),
    write: (writer, _field, value) => writeSixBits(writer, value),
  },
  "fixed-length numeric": {
    read: (reader, field) => {
      const filler = field.filler ?? "";
      const text = readFixedNumeric(reader, filler.length + (field.digits ?? 0), field.name);
      if (!text.startsWith(filler)) {
        reader.fail("BAD_VALUE", field.name, `it begins with ${text.charAt(0)} instead of the filler ${filler}`);
      }
      const key = text.slice(filler.length);
      checkKey(reader, field, key);
      return key;
    },
    write: (writer, field, value) => {
      checkKey(writer, field, value);
      writeFixedNumeric(writer, (field.filler ?? "") + value);
    },
  },
  "delimited numeric": {
    read: (reader, field) => {
      const text = readDelimited(reader, variable(field, 5));
      // GS1 company prefixes have at least four digits.
      if (!/^\d{4}./.test(text)) reader.fail("BAD_VALUE", field.name, `"${text}" does not begin with a company prefix`);
      return text;
    },
    write: (writer, field, value) => {
      if (!/^\d{4}./.test(value))
        writer.fail("BAD_VALUE", field.name, `"${value}" does not begin with a company prefix`);
      writeDelimited(writer, variable(field, 5), value);
    },
  },
  alphanumeric: {
    read: (reader, field) => readAlphanumeric(reader, variable(field, field.lengthBits)),
    write: (writer, field, value) => writeAlphanumeric(writer, variable(field, field.lengthBits), value),
  },
  numeric: {
    read: (reader, field) => readNumeric(reader, variable(field, field.lengthBits)),
    write: (writer, field, value) => writeNumeric(writer, variable(field, field.lengthBits), value),
  },
  hostname: {
    read: (reader, field) => readHostname(reader, field.name),
    write: (writer, _field, value) => writeHostname(writer, value),
  },
};

/** The codec of a field's method. */
export function codecOf(field: Field): Codec<Field> {
  // Every method takes the fields of its own kind, which the table says.
  return codecs[field.method as Method] as unknown as Codec<Field>;
}

/** Throws unless a value has some characters, not too many, and only those that its field can have. */
export function checkText(failing: Failing, field: Part, text: string): void {
  const { name, max = Number.POSITIVE_INFINITY, set } = field;
  if (text === "" && !("least" in field && field.least === 0)) failing.fail("BAD_VALUE", name, "it is empty");
  if (text.length > max) {
    failing.fail("OUT_OF_RANGE", name, `"${text}" has ${text.length} characters, and at most ${max} are allowed`);
  }
  if (set !== undefined && !inSet(set, text)) {
    failing.fail("BAD_CHARACTER", name, `"${text}" has characters that it cannot have`);
  }
}

function digitsOf(prefix: number, partition: number): string {
  return padded(prefix, 12 - partition);
}

function variable({ name, max = 0 }: Part, lengthBits: number) {
  return { name, max, lengthBits };
}

function notEmpty(reader: BitReader, field: Part, text: string): string {
  if (text === "") reader.fail("BAD_VALUE", field.name, "its reference is empty");
  return text;
}

function shortEnough(writer: BitWriter, field: Part, text: string, most: number): void {
  if (text.length > most) {
    writer.fail(
      "BAD_VALUE",
      field.name,
      `its reference has ${text.length} characters, and at most ${most} are allowed`,
    );
  }
}
