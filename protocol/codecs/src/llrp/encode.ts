import { writeBits } from "./bits.js";
import type { Compiled, CompiledTable, FieldStep, Member } from "./compile.js";
import { LlrpEncodeError, type LlrpEncodeErrorCode } from "./errors.js";
import { integer } from "./fields.js";
import { Writer } from "./writer.js";

type LooseValue = Readonly<Record<string, unknown>>;

/** Encodes one message by a compiled table. Throws `LlrpEncodeError`. */
export function encodeWith(table: CompiledTable, message: LooseValue, version: number): Uint8Array {
  const writer = new Writer();
  const type = String(message.type);
  writer.path.push(type);
  writer.take(10);
  const row = table.messagesByName.get(type);
  if (row === undefined && type !== "UNKNOWN_MESSAGE") throw failure(writer, "UNKNOWN_TYPE", "no such message");
  const typeNumber = row?.typeNumber ?? integer(writer, message.typeNumber, 0, 0x3ff);
  if (row === undefined) {
    writer.put(bytesOf(writer, message.bytes));
  } else {
    if (row.custom !== undefined) {
      writer.u32(row.custom[0]);
      writer.u8(row.custom[1]);
    }
    encodeBody(writer, row, message);
  }
  writer.view.setUint16(0, (version << 10) | typeNumber);
  writer.view.setUint32(2, writer.offset);
  writer.view.setUint32(6, integer(writer, message.id, 0, 0xffff_ffff));
  return writer.bytes.subarray(0, writer.offset);
}

function encodeBody(writer: Writer, row: Compiled, source: LooseValue): void {
  writeFields(writer, row.steps, source);
  if (row.added.some((step) => holds(step, source))) writeFields(writer, row.added, source);
  for (const member of row.members) encodeMember(writer, member, source[member.property]);
  const unknown = source.unknownParameters;
  if (Array.isArray(unknown)) for (const raw of unknown) writer.put(bytesOf(writer, raw.bytes));
}

function writeFields(writer: Writer, steps: readonly FieldStep[], source: LooseValue): void {
  for (const step of steps) {
    if ("codec" in step) {
      writer.path.push(step.name);
      step.codec.write(writer, source[step.name]);
      writer.path.pop();
    } else writeBits(writer, step, source);
  }
}

function holds(step: FieldStep, source: LooseValue): boolean {
  return "codec" in step ? step.name in source : step.fields.some((field) => field.name in source);
}

function encodeMember(writer: Writer, member: Member, value: unknown): void {
  // An empty array is sent as it is: what a lenient decoder took from a reader must encode again.
  if (value === undefined) {
    if (member.required) throw failure(writer, "MISSING_PARAMETER", `no ${member.property}`);
    return;
  }
  if (Array.isArray(value) !== member.repeated) {
    throw failure(writer, "BAD_VALUE", `${member.property} is ${member.repeated ? "an array" : "one parameter"}`);
  }
  if (Array.isArray(value)) for (const item of value) encodeParameter(writer, member, item);
  else encodeParameter(writer, member, value);
}

function encodeParameter(writer: Writer, member: Member, value: unknown): void {
  if (!isLoose(value)) throw failure(writer, "BAD_VALUE", `${member.property} is no object`);
  const parameter = member.only ?? member.alternatives?.get(String(value.type));
  if (parameter === undefined) {
    throw failure(writer, "UNKNOWN_TYPE", `${member.property} cannot hold ${String(value.type)}`);
  }
  writer.path.push(parameter.name);
  if (parameter.typeNumber < 128) {
    writer.u8(0x80 | parameter.typeNumber);
    encodeBody(writer, parameter, value);
  } else {
    const start = writer.take(4);
    if (parameter.custom !== undefined) {
      writer.u32(parameter.custom[0]);
      writer.u32(parameter.custom[1]);
    }
    encodeBody(writer, parameter, value);
    const length = writer.offset - start;
    if (length > 0xffff) throw failure(writer, "TOO_LONG", `${length} bytes do not fit a parameter`);
    writer.view.setUint16(start, parameter.typeNumber);
    writer.view.setUint16(start + 2, length);
  }
  writer.path.pop();
}

function isLoose(value: unknown): value is LooseValue {
  return typeof value === "object" && value !== null;
}

function bytesOf(writer: Writer, value: unknown): Uint8Array {
  if (value instanceof Uint8Array) return value;
  throw failure(writer, "BAD_VALUE", "raw bytes wanted");
}

function failure(writer: Writer, code: LlrpEncodeErrorCode, detail: string): LlrpEncodeError {
  return new LlrpEncodeError(code, writer.path.join("."), detail);
}
