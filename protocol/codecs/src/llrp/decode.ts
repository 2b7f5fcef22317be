import { readBits } from "./bits.js";
import { type Compiled, type CompiledTable, CUSTOM, customKey, type Slot } from "./compile.js";
import { Cursor } from "./cursor.js";
import { LlrpDecodeError } from "./errors.js";

/** Values as the decoder builds them; `types.ts` derives from the same table what they are. */
export type LooseMessage = Record<string, unknown>;

/** The standard never nests more than a dozen deep; more is an attack on the stack. */
const MAX_DEPTH = 32;

const HEADER_SIZE = 10;

/** Decodes one whole frame by a compiled table. Throws `LlrpDecodeError`. */
export function decodeWith(table: CompiledTable, frame: Uint8Array): LooseMessage {
  const cursor = new Cursor(frame);
  cursor.path.push("header");
  cursor.take(HEADER_SIZE);
  const version = (cursor.view.getUint8(0) >> 2) & 7;
  const typeNumber = cursor.view.getUint16(0) & 0x3ff;
  const length = cursor.view.getUint32(2);
  const id = cursor.view.getUint32(6);
  if (length !== frame.length) throw cursor.error("BAD_LENGTH", `${length} claimed, ${frame.length} bytes given`);
  if (version < 1 || version > 3) throw cursor.error("BAD_VERSION", `no version ${version}`);
  cursor.path.pop();

  const row = messageRow(table, typeNumber, cursor);
  if (row === undefined) {
    return { type: "UNKNOWN_MESSAGE", id, version, typeNumber, bytes: frame.subarray(HEADER_SIZE) };
  }
  const message: LooseMessage = { type: row.name, id, version };
  cursor.path.push(row.name);
  if (row.custom !== undefined) cursor.take(5);
  decodeBody(table, cursor, row, message);
  return message;
}

function messageRow(table: CompiledTable, typeNumber: number, cursor: Cursor): Compiled | undefined {
  if (typeNumber === CUSTOM && cursor.end - cursor.offset >= 5) {
    const vendor = cursor.view.getUint32(cursor.offset);
    const subtype = cursor.view.getUint8(cursor.offset + 4);
    const known = table.customMessages.get(customKey(vendor, subtype));
    if (known !== undefined) return known;
  }
  return table.messagesByType.get(typeNumber);
}

/** Fields, then parameters, up to the cursor's end. */
function decodeBody(table: CompiledTable, cursor: Cursor, row: Compiled, target: LooseMessage): void {
  readFields(cursor, row, target);
  while (cursor.offset < cursor.end) {
    if ((cursor.view.getUint8(cursor.offset) & 0x80) !== 0) decodeTv(table, cursor, row, target);
    else decodeTlv(table, cursor, row, target);
  }
  for (const member of row.members) {
    if (member.required && target[member.property] === undefined) {
      if (!member.repeated) throw cursor.error("MISSING_PARAMETER", `no ${member.property}`);
      target[member.property] = [];
    }
  }
}

function readFields(cursor: Cursor, row: Compiled, target: LooseMessage): void {
  for (const step of row.steps) {
    if ("codec" in step) target[step.name] = step.codec.read(cursor);
    else readBits(cursor, step, target);
  }
}

function decodeTv(table: CompiledTable, cursor: Cursor, row: Compiled, target: LooseMessage): void {
  const start = cursor.offset;
  const typeNumber = cursor.view.getUint8(start) & 0x7f;
  const slot = row.slots.get(typeNumber);
  if (slot !== undefined) {
    cursor.offset = start + 1;
    const value = begin(slot);
    cursor.path.push(slot.parameter.name);
    readFields(cursor, slot.parameter, value);
    cursor.path.pop();
    place(cursor, slot, target, value);
    return;
  }
  const known = table.tv.get(typeNumber);
  if (known === undefined) throw cursor.error("UNKNOWN_TV", `no TV parameter ${typeNumber}`);
  cursor.take(1 + known.size);
  keepRaw(target, typeNumber, cursor.bytes.subarray(start, cursor.offset));
}

function decodeTlv(table: CompiledTable, cursor: Cursor, row: Compiled, target: LooseMessage): void {
  const start = cursor.offset;
  const outerEnd = cursor.end;
  cursor.take(4);
  const typeNumber = cursor.view.getUint16(start) & 0x3ff;
  const length = cursor.view.getUint16(start + 2);
  const end = start + length;
  if (length < 4 || end > outerEnd) {
    cursor.offset = start;
    throw cursor.error("BAD_LENGTH", `parameter ${typeNumber} claims ${length} of ${outerEnd - start} bytes`);
  }
  const slot = typeNumber === CUSTOM ? customSlot(table, cursor, row, end) : row.slots.get(typeNumber);
  if (slot === undefined) {
    // Readers put Custom parameters also where the standard has none; any other here is no parameter at all.
    if (typeNumber !== CUSTOM && row.slots.size === 0 && row.customSlot === undefined) {
      cursor.offset = start;
      throw cursor.error("TRAILING_BYTES", `${outerEnd - start} bytes after the last field`);
    }
    cursor.offset = end;
    keepRaw(target, typeNumber, cursor.bytes.subarray(start, end));
    return;
  }
  const depth = cursor.path.length;
  if (depth >= MAX_DEPTH) throw cursor.error("TOO_DEEP", `more than ${MAX_DEPTH} parameters inside each other`);
  const value = begin(slot);
  cursor.end = end;
  cursor.path.push(slot.parameter.name);
  try {
    if (slot.parameter.custom !== undefined) cursor.take(8);
    decodeBody(table, cursor, slot.parameter, value);
    cursor.path.length = depth;
    cursor.end = outerEnd;
    place(cursor, slot, target, value);
  } catch (error) {
    // One of many that cannot be read is given up alone: a report loses one tag, not all (LLRP 1.1 §17.2.1.2).
    if (!(error instanceof LlrpDecodeError) || !slot.member.repeated || error.code === "TOO_DEEP") throw error;
    cursor.path.length = depth;
    cursor.end = outerEnd;
    cursor.offset = end;
    keepRaw(target, typeNumber, cursor.bytes.subarray(start, end), error);
  }
}

function customSlot(table: CompiledTable, cursor: Cursor, row: Compiled, end: number): Slot | undefined {
  const slot = row.customSlot;
  if (slot === undefined || end - cursor.offset < 8) return slot;
  const vendor = cursor.view.getUint32(cursor.offset);
  const subtype = cursor.view.getUint32(cursor.offset + 4);
  const parameter = table.customParameters.get(customKey(vendor, subtype));
  return parameter === undefined ? slot : { member: slot.member, parameter };
}

/** An element of a list of alternatives says which it is. */
function begin(slot: Slot): LooseMessage {
  return slot.member.alternatives === undefined ? {} : { type: slot.parameter.name };
}

function place(cursor: Cursor, slot: Slot, target: LooseMessage, value: LooseMessage): void {
  const { property, repeated } = slot.member;
  const present = target[property];
  if (repeated) {
    if (Array.isArray(present)) present.push(value);
    else target[property] = [value];
  } else if (present === undefined) target[property] = value;
  else throw cursor.error("DUPLICATE_PARAMETER", `a second ${property}`);
}

function keepRaw(target: LooseMessage, typeNumber: number, bytes: Uint8Array, error?: LlrpDecodeError): void {
  const raw = error === undefined ? { typeNumber, bytes } : { typeNumber, bytes, error };
  const present = target.unknownParameters;
  if (Array.isArray(present)) present.push(raw);
  else target.unknownParameters = [raw];
}
