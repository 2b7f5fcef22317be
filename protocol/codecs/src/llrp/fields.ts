import type { Cursor } from "./cursor.js";
import type { BitString, FieldType, FieldValues } from "./definition.js";
import { LlrpEncodeError } from "./errors.js";
import type { Writer } from "./writer.js";

/** How one wire type is read and written. Writing refuses what the type cannot hold instead of cutting it off. */
export interface FieldCodec {
  /** Bytes that every value takes; for the variable types, their count. */
  readonly size: number;
  read(cursor: Cursor): unknown;
  write(writer: Writer, value: unknown): void;
}

export const bitWidths = { u1: 1, u2: 2, u6: 6 } as const;

export type BitFieldType = keyof typeof bitWidths;
type ByteFieldType = Exclude<FieldType, BitFieldType>;

const utf8Decoder = new TextDecoder("utf-8", { ignoreBOM: true });
const utf8Encoder = new TextEncoder();

function refuse(writer: Writer, expected: string, value: unknown): LlrpEncodeError {
  const code = value === undefined ? "MISSING_FIELD" : "BAD_VALUE";
  return new LlrpEncodeError(code, writer.path.join("."), `${expected} wanted, not ${String(value)}`);
}

/** A whole number from `min` to `max`; throws otherwise. */
export function integer(writer: Writer, value: unknown, min: number, max: number): number {
  if (typeof value !== "number" || !Number.isInteger(value) || value < min || value > max) {
    throw refuse(writer, `a whole number from ${min} to ${max}`, value);
  }
  return value;
}

function byteString(writer: Writer, value: unknown): Uint8Array {
  if (!(value instanceof Uint8Array)) throw refuse(writer, "a Uint8Array", value);
  return value;
}

function writeCount(writer: Writer, count: number): void {
  writer.u16(integer(writer, count, 0, 0xffff));
}

function readCount(cursor: Cursor): number {
  return cursor.view.getUint16(cursor.take(2));
}

function readBytes(cursor: Cursor, count: number): Uint8Array {
  const start = cursor.take(count);
  return cursor.bytes.subarray(start, start + count);
}

function isBitString(value: unknown): value is BitString {
  return (
    typeof value === "object" &&
    value !== null &&
    "bytes" in value &&
    value.bytes instanceof Uint8Array &&
    "bitCount" in value &&
    typeof value.bitCount === "number" &&
    value.bytes.length === Math.ceil(value.bitCount / 8)
  );
}

function numberArray(size: 2 | 4): FieldCodec {
  const max = 2 ** (size * 8) - 1;
  return {
    size: 2,
    read(cursor) {
      const count = readCount(cursor);
      const start = cursor.take(count * size);
      const values = new Array<number>(count);
      for (let i = 0; i < count; i++) {
        const at = start + i * size;
        values[i] = size === 2 ? cursor.view.getUint16(at) : cursor.view.getUint32(at);
      }
      return values;
    },
    write(writer, value) {
      if (!Array.isArray(value)) throw refuse(writer, "an array of numbers", value);
      writeCount(writer, value.length);
      for (const item of value) {
        const n = integer(writer, item, 0, max);
        if (size === 2) writer.u16(n);
        else writer.u32(n);
      }
    },
  };
}

export const fieldCodecs: Readonly<Record<ByteFieldType, FieldCodec>> = {
  u8: {
    size: 1,
    read: (c) => c.view.getUint8(c.take(1)),
    write: (w, v) => w.u8(integer(w, v, 0, 0xff)),
  },
  s8: {
    size: 1,
    read: (c) => c.view.getInt8(c.take(1)),
    write: (w, v) => w.u8(integer(w, v, -0x80, 0x7f)),
  },
  u16: {
    size: 2,
    read: (c) => c.view.getUint16(c.take(2)),
    write: (w, v) => w.u16(integer(w, v, 0, 0xffff)),
  },
  s16: {
    size: 2,
    read: (c) => c.view.getInt16(c.take(2)),
    write: (w, v) => w.u16(integer(w, v, -0x8000, 0x7fff)),
  },
  u32: {
    size: 4,
    read: (c) => c.view.getUint32(c.take(4)),
    write: (w, v) => w.u32(integer(w, v, 0, 0xffff_ffff)),
  },
  s32: {
    size: 4,
    read: (c) => c.view.getInt32(c.take(4)),
    write: (w, v) => w.u32(integer(w, v, -0x8000_0000, 0x7fff_ffff)),
  },
  u64: {
    size: 8,
    read: (c) => c.view.getBigUint64(c.take(8)),
    write(w, v) {
      if (typeof v !== "bigint" || v < 0n || v > 0xffff_ffff_ffff_ffffn) throw refuse(w, "a bigint of 64 bits", v);
      w.u64(v);
    },
  },
  u96: {
    size: 12,
    read: (c) => readBytes(c, 12),
    write(w, v) {
      const bytes = byteString(w, v);
      if (bytes.length !== 12) throw refuse(w, "12 bytes", `${bytes.length} bytes`);
      w.put(bytes);
    },
  },
  u1v: {
    size: 2,
    read(c): FieldValues["u1v"] {
      const bitCount = readCount(c);
      return { bitCount, bytes: readBytes(c, Math.ceil(bitCount / 8)) };
    },
    write(w, v) {
      if (!isBitString(v)) throw refuse(w, "a bit string of ceil(bitCount / 8) bytes", v);
      writeCount(w, v.bitCount);
      w.put(v.bytes);
    },
  },
  u8v: {
    size: 2,
    read: (c) => readBytes(c, readCount(c)),
    write(w, v) {
      const bytes = byteString(w, v);
      writeCount(w, bytes.length);
      w.put(bytes);
    },
  },
  u16v: numberArray(2),
  u32v: numberArray(4),
  utf8v: {
    size: 2,
    read: (c) => utf8Decoder.decode(readBytes(c, readCount(c))),
    write(w, v) {
      if (typeof v !== "string") throw refuse(w, "a string", v);
      const bytes = utf8Encoder.encode(v);
      writeCount(w, bytes.length);
      w.put(bytes);
    },
  },
  bytesToEnd: {
    size: 0,
    read: (c) => readBytes(c, c.end - c.offset),
    write: (w, v) => w.put(byteString(w, v)),
  },
};
