import { readBits } from "./bits.js";
import { type Compiled, type CompiledTable, CUSTOM, type FieldStep, type Slot } from "./compile.js";
import { Cursor } from "./cursor.js";
import { LlrpDecodeError } from "./errors.js";
import { HEADER_SIZE, readHeader } from "./header.js";

/** Values as the decoder builds them; `types.ts` derives from the same table what they are. */
export type LooseMessage = Record<string, unknown>;

/** The standard never nests more than a dozen deep; more is an attack on the stack. */
const MAX_DEPTH = 32;

/** Lower numbers are those of TV parameters (LLRP 1.1 §17.2.1). */
const FIRST_TLV = 128;

/** Decodes one whole frame by a compiled table. Throws `LlrpDecodeError`. */
export function decodeWith(table: CompiledTable, frame: Uint8Array): LooseMessage {
  const cursor = new Cursor(frame);
  const { version, typeNumber, id } = readHeader(cursor);
  const vendors = typeNumber === CUSTOM ? vendorRow(table.customMessages, cursor, 1) : undefined;
  if (vendors !== undefined) {
    try {
      cursor.take(5);
      return decodeMessageBody(table, cursor, vendors, { type: vendors.name, id, version });
    } catch (error) {
      // A vendor's firmware may know the message otherwise than the table: it then stays a CUSTOM_MESSAGE.
      if (!(error instanceof LlrpDecodeError)) throw error;
      cursor.path.length = 0;
      cursor.offset = HEADER_SIZE;
      cursor.end = frame.length;
    }
  }
  const row = table.messagesByType.get(typeNumber);
  if (row !== undefined) return decodeMessageBody(table, cursor, row, { type: row.name, id, version });
  return { type: "UNKNOWN_MESSAGE", id, version, typeNumber, bytes: frame.subarray(HEADER_SIZE) };
}

function decodeMessageBody(table: CompiledTable, cursor: Cursor, row: Compiled, message: LooseMessage): LooseMessage {
  cursor.path.push(row.name);
  decodeBody(table, cursor, row, message);
  return message;
}

/** Decodes one parameter whose header stands at the cursor. */
export function decodeParameterWith(table: CompiledTable, cursor: Cursor, row: Compiled): LooseMessage {
  const value: LooseMessage = {};
  cursor.path.push(row.name);
  cursor.take(row.typeNumber < FIRST_TLV ? 1 : 4);
  decodeBody(table, cursor, row, value);
  return value;
}

/** The row of the vendor and subtype (of 1 byte in messages, 4 in parameters) at the cursor, if the table has it. */
function vendorRow(rows: CompiledTable["customMessages"], cursor: Cursor, subtypeBytes: 1 | 4): Compiled | undefined {
  if (cursor.end - cursor.offset < 4 + subtypeBytes) return undefined;
  const subtypes = rows.get(cursor.view.getUint32(cursor.offset));
  const at = cursor.offset + 4;
  return subtypes?.get(subtypeBytes === 1 ? cursor.view.getUint8(at) : cursor.view.getUint32(at));
}

/** Fields, then parameters, up to the cursor's end. */
function decodeBody(table: CompiledTable, cursor: Cursor, row: Compiled, target: LooseMessage): void {
  readFields(cursor, row.steps, target);
  if (row.added.length > 0 && cursor.end - cursor.offset >= row.addedSize) readFields(cursor, row.added, target);
  while (cursor.offset < cursor.end) {
    row.hot?.(cursor, target);
    if (cursor.offset === cursor.end) break;
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

function readFields(cursor: Cursor, steps: readonly FieldStep[], target: LooseMessage): void {
  for (const step of steps) {
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
    readFields(cursor, slot.parameter.steps, value);
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
  const length = takeTlvHeader(cursor);
  const typeNumber = cursor.view.getUint16(start) & 0x3ff;
  const end = start + length;
  cursor.end = end;
  const slot = typeNumber === CUSTOM ? customSlot(table, cursor, row) : tlvSlot(row, typeNumber);
  cursor.end = outerEnd;
  if (slot === undefined) {
    // Readers put Custom parameters also where the standard has none; any other here is no parameter at all.
    if (typeNumber !== CUSTOM && row.slots.size === 0 && row.customSlot === undefined && row.vendorSlots.size === 0) {
      cursor.offset = start;
      throw cursor.error("TRAILING_BYTES", `${outerEnd - start} bytes after the last field`);
    }
    cursor.offset = end;
    keepRaw(target, typeNumber, cursor.bytes.subarray(start, end));
    return;
  }
  const depth = cursor.path.length;
  if (depth >= MAX_DEPTH) throw cursor.error("TOO_DEEP", `more than ${MAX_DEPTH} parameters inside each other`);
  try {
    decodeInto(table, cursor, slot, target, end);
  } catch (error) {
    if (!(error instanceof LlrpDecodeError)) throw error;
    const plain = slot.parameter.custom === undefined ? undefined : row.customSlot;
    if (plain === undefined && !slot.member.repeated) throw error;
    cursor.path.length = depth;
    cursor.end = outerEnd;
    if (plain === undefined) {
      // One of many that cannot be read is given up alone: a report loses one tag, not all (LLRP 1.1 §17.2.1.2).
      cursor.offset = end;
      keepRaw(target, typeNumber, cursor.bytes.subarray(start, end), error);
    } else {
      // A vendor's firmware may know the parameter otherwise than the table: it then stays a Custom with its bytes.
      cursor.offset = start + 4;
      decodeInto(table, cursor, plain, target, end);
    }
  }
}

/** Steps over the header of a TLV and says how long the whole parameter is. */
export function takeTlvHeader(cursor: Cursor): number {
  const start = cursor.take(4);
  const length = cursor.view.getUint16(start + 2);
  if (length >= 4 && start + length <= cursor.end) return length;
  cursor.offset = start;
  const typeNumber = cursor.view.getUint16(start) & 0x3ff;
  throw cursor.error("BAD_LENGTH", `parameter ${typeNumber} claims ${length} of ${cursor.end - start} bytes`);
}

/** What follows the header of a TLV, up to `end`. */
function decodeInto(table: CompiledTable, cursor: Cursor, slot: Slot, target: LooseMessage, end: number): void {
  const outerEnd = cursor.end;
  const value = begin(slot);
  cursor.end = end;
  cursor.path.push(slot.parameter.name);
  if (slot.parameter.custom !== undefined) cursor.take(8);
  decodeBody(table, cursor, slot.parameter, value);
  cursor.path.pop();
  cursor.end = outerEnd;
  place(cursor, slot, target, value);
}

/** A TLV under the number of a TV is neither. */
function tlvSlot(row: Compiled, typeNumber: number): Slot | undefined {
  return typeNumber < FIRST_TLV ? undefined : row.slots.get(typeNumber);
}

function customSlot(table: CompiledTable, cursor: Cursor, row: Compiled): Slot | undefined {
  const parameter = vendorRow(table.customParameters, cursor, 4);
  if (parameter === undefined) return row.customSlot;
  return row.vendorSlots.get(parameter) ?? (row.customSlot && { member: row.customSlot.member, parameter });
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
