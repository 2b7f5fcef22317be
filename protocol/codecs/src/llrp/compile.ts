import type { BitField, BitGroup } from "./bits.js";
import type { Cursor } from "./cursor.js";
import type { Cardinality, FieldSpec, FieldType, MessageRow, ParameterRow, ProtocolTable } from "./definition.js";
import { bitWidths, type FieldCodec, fieldCodecs } from "./fields.js";

/** One step through the fields of a row: a field of whole bytes, or a run of bits. */
export type FieldStep = { readonly name: string; readonly codec: FieldCodec } | BitGroup;

/**
 * Decodes the ordinary parameters of one row by code written for it, from the cursor on; stops before the first that is
 * not ordinary, which is then decoded by the table.
 */
export type HotBody = (cursor: Cursor, target: Record<string, unknown>) => void;

/** A row of the table, made ready for decoding and encoding. */
export interface Compiled {
  readonly name: string;
  /** Type number on the wire; 1023 for a vendor's. */
  readonly typeNumber: number;
  readonly custom: readonly [vendor: number, subtype: number] | undefined;
  /** Bytes of the fields, where they are of fixed size (always so for a TV). */
  readonly size: number;
  readonly steps: readonly FieldStep[];
  /** The steps of what LLRP 2.0 added, and their bytes. */
  readonly added: readonly FieldStep[];
  readonly addedSize: number;
  readonly members: readonly Member[];
  /** Member by type number of the parameter; TV and TLV numbers do not overlap. */
  readonly slots: ReadonlyMap<number, Slot>;
  /** Where a vendor's parameter goes that has a place of its own here. */
  readonly vendorSlots: ReadonlyMap<Compiled, Slot>;
  /** Where Custom parameters go, if they are allowed here. */
  readonly customSlot: Slot | undefined;
  readonly hot: HotBody | undefined;
}

/** One property for parameters. */
export interface Member {
  readonly property: string;
  readonly required: boolean;
  readonly repeated: boolean;
  /** By `type` of the element for a list of alternatives; else the one that it is. */
  readonly alternatives: ReadonlyMap<string, Compiled> | undefined;
  readonly only: Compiled | undefined;
}

export interface Slot {
  readonly member: Member;
  readonly parameter: Compiled;
}

/** Rows by vendor, then by subtype. */
type ByVendor = ReadonlyMap<number, ReadonlyMap<number, Compiled>>;

export interface CompiledTable {
  readonly messagesByType: ReadonlyMap<number, Compiled>;
  readonly messagesByName: ReadonlyMap<string, Compiled>;
  readonly customMessages: ByVendor;
  readonly customParameters: ByVendor;
  readonly parametersByName: ReadonlyMap<string, Compiled>;
  /** Every TV, for its size. */
  readonly tv: ReadonlyMap<number, Compiled>;
}

export const CUSTOM = 1023;

interface Draft extends Compiled {
  readonly members: Member[];
  readonly slots: Map<number, Slot>;
  readonly vendorSlots: Map<Compiled, Slot>;
  customSlot: Slot | undefined;
}

/**
 * Makes a table ready for use; `hot` has bodies by the name of their parameter. Throws on a table that names a parameter
 * it does not have, or leaves bits over.
 */
export function compile(table: ProtocolTable, hot: Readonly<Record<string, HotBody>> = {}): CompiledTable {
  const drafts = (rows: Readonly<Record<string, ParameterRow | MessageRow>>) =>
    new Map(Object.entries(rows).map(([name, row]) => [name, draft(name, row, hot[name])]));
  const parameters = drafts(table.parameters);
  const messages = drafts(table.messages);
  const vendors = [...parameters.values()].filter((parameter) => parameter.custom !== undefined);
  const find = (name: string): Draft => {
    const found = parameters.get(name);
    if (found === undefined) throw new Error(`the table has no parameter ${name}`);
    return found;
  };
  const link = (owner: Draft, row: ParameterRow | MessageRow): void => {
    for (const [property, cardinality] of Object.entries(row.parameters ?? {})) {
      const names = table.lists[property];
      const members = names?.flatMap((name) => (name === "Custom" ? [find(name), ...vendors] : [find(name)]));
      linkMember(owner, property, cardinality, members ?? find(property));
    }
  };
  for (const [name, row] of Object.entries(table.parameters)) link(find(name), row);
  for (const [name, row] of Object.entries(table.messages)) {
    const message = messages.get(name);
    if (message !== undefined) link(message, row);
  }
  const standard = [...messages.values()].filter((message) => message.custom === undefined);
  return {
    messagesByName: messages,
    messagesByType: new Map(standard.map((message) => [message.typeNumber, message])),
    customMessages: byVendor([...messages.values()]),
    customParameters: byVendor(vendors),
    parametersByName: parameters,
    tv: new Map([...parameters.values()].filter((p) => p.typeNumber < 128).map((p) => [p.typeNumber, p])),
  };
}

function byVendor(rows: readonly Compiled[]): ByVendor {
  const vendors = new Map<number, Map<number, Compiled>>();
  for (const row of rows) {
    if (row.custom === undefined) continue;
    const [vendor, subtype] = row.custom;
    const subtypes = vendors.get(vendor) ?? new Map<number, Compiled>();
    vendors.set(vendor, subtypes.set(subtype, row));
  }
  return vendors;
}

function draft(name: string, row: ParameterRow | MessageRow, hot: HotBody | undefined): Draft {
  const steps = compileFields(name, Object.entries(row.fields ?? {}));
  const added = compileFields(name, Object.entries(row.added ?? {}));
  return {
    name,
    typeNumber: "tv" in row ? row.tv : "tlv" in row ? row.tlv : "type" in row ? row.type : CUSTOM,
    custom: "custom" in row ? row.custom : undefined,
    size: sizeOf(steps),
    steps,
    added,
    addedSize: sizeOf(added),
    members: [],
    slots: new Map(),
    vendorSlots: new Map(),
    customSlot: undefined,
    hot,
  };
}

function sizeOf(steps: readonly FieldStep[]): number {
  return steps.reduce((sum, step) => sum + ("codec" in step ? step.codec.size : step.bytes), 0);
}

function linkMember(owner: Draft, property: string, cardinality: Cardinality, target: Draft | readonly Draft[]): void {
  const list = Array.isArray(target) ? (target as readonly Draft[]) : undefined;
  const member: Member = {
    property,
    required: cardinality.startsWith("1"),
    repeated: cardinality.endsWith("N"),
    alternatives: list && new Map(list.map((parameter) => [parameter.name, parameter])),
    only: list === undefined ? (target as Draft) : undefined,
  };
  owner.members.push(member);
  for (const parameter of list ?? [target as Draft]) {
    if (parameter.typeNumber !== CUSTOM) owner.slots.set(parameter.typeNumber, { member, parameter });
    else if (parameter.custom === undefined) owner.customSlot = { member, parameter };
    else if (list === undefined) owner.vendorSlots.set(parameter, { member, parameter });
  }
}

function compileFields(row: string, fields: readonly (readonly [string, FieldSpec])[]): FieldStep[] {
  const steps: FieldStep[] = [];
  let bits: BitField[] = [];
  let bitCount = 0;
  for (const [name, spec] of fields) {
    const [type, enumeration] = typeof spec === "number" ? [spec] : (spec.split(":") as [FieldType, string?]);
    if (typeof type === "number" || type in bitWidths) {
      const width = typeof type === "number" ? type : bitWidths[type as keyof typeof bitWidths];
      if (typeof type === "string") {
        if ((bitCount & 7) + width > 8) throw new Error(`${row}.${name} crosses the end of a byte`);
        bits.push({ name, start: bitCount, width, boolean: type === "u1" && enumeration === undefined });
      }
      bitCount += width;
      if (bitCount % 8 === 0) {
        steps.push({ bytes: bitCount / 8, fields: bits });
        bits = [];
        bitCount = 0;
      }
    } else {
      if (bitCount > 0) throw new Error(`${row}.${name} does not begin at a byte`);
      steps.push({ name, codec: fieldCodecs[type as keyof typeof fieldCodecs] });
    }
  }
  if (bitCount > 0) throw new Error(`${row} does not end at a byte`);
  return steps;
}
