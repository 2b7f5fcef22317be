import type { Cursor } from "./cursor.js";
import { LlrpEncodeError } from "./errors.js";
import { integer } from "./fields.js";
import type { Writer } from "./writer.js";

/** A run of bit fields and reserved bits that fills whole bytes, most significant bit first. */
export interface BitGroup {
  readonly bytes: number;
  readonly fields: readonly BitField[];
}

export interface BitField {
  readonly name: string;
  /** From the first bit of the group. */
  readonly start: number;
  /** Never across the end of a byte. */
  readonly width: number;
  /** A bit without enumeration is a boolean. */
  readonly boolean: boolean;
}

export function readBits(cursor: Cursor, group: BitGroup, target: Record<string, unknown>): void {
  const at = cursor.take(group.bytes);
  for (const field of group.fields) {
    const byte = cursor.view.getUint8(at + (field.start >> 3));
    const value = (byte >> (8 - (field.start & 7) - field.width)) & ((1 << field.width) - 1);
    target[field.name] = field.boolean ? value === 1 : value;
  }
}

/** Reserved bits are sent as zero. */
export function writeBits(writer: Writer, group: BitGroup, source: Readonly<Record<string, unknown>>): void {
  const at = writer.take(group.bytes);
  for (const field of group.fields) {
    writer.path.push(field.name);
    const value = bitValue(writer, field, source[field.name]);
    const index = at + (field.start >> 3);
    const shifted = value << (8 - (field.start & 7) - field.width);
    writer.view.setUint8(index, writer.view.getUint8(index) | shifted);
    writer.path.pop();
  }
}

function bitValue(writer: Writer, field: BitField, value: unknown): number {
  if (!field.boolean) return integer(writer, value, 0, 2 ** field.width - 1);
  if (typeof value === "boolean") return value ? 1 : 0;
  const code = value === undefined ? "MISSING_FIELD" : "BAD_VALUE";
  throw new LlrpEncodeError(code, writer.path.join("."), `true or false wanted, not ${String(value)}`);
}
