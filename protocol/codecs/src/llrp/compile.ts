import type { BitField, BitGroup } from "./bits.js";
import type { Cardinality, FieldSpec, FieldType, MessageRow, ParameterRow, ProtocolTable } from "./definition.js";
import { type FieldCodec, fieldCodecs } from "./fields.js";

/** One step through the fields of a row: a field of whole bytes, or a run of bits. */
export type FieldStep = { readonly name: string; readonly codec: FieldCodec } | BitGroup;

/** A row of the table, made ready for decoding and encoding. */
export interface Compiled {
  readonly name: string;
  /** Type number on the wire; 1023 for a vendor's. */
  readonly typeNumber: number;
  readonly custom: readonly [vendor: number, subtype: number] | undefined;
  /** Bytes of the fields, where they are of fixed size (always so for a TV). */
  readonly size: number;
  readonly steps: readonly FieldStep[];
  readonly members: readonly Member[];
  /** Member by type number of the parameter; TV and TLV numbers do not overlap. */
  readonly slots: ReadonlyMap<number, Slot>;
  /** Where Custom parameters go, if they are allowed here. */
  readonly customSlot: Slot | undefined;
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

export interface CompiledTable {
  readonly messagesByType: ReadonlyMap<number, Compiled>;
  readonly messagesByName: ReadonlyMap<string, Compiled>;
  /** Vendor messages and parameters by `customKey`. */
  readonly customMessages: ReadonlyMap<string, Compiled>;
  readonly customParameters: ReadonlyMap<string, Compiled>;
  /** Every TV, for its size. */
  readonly tv: ReadonlyMap<number, Compiled>;
}

export const CUSTOM = 1023;

export function customKey(vendor: number, subtype: number): string {
  return `${vendor}/${subtype}`;
}

interface Draft extends Compiled {
  readonly members: Member[];
  readonly slots: Map<number, Slot>;
  customSlot: Slot | undefined;
}

/** Makes a table ready for use. Throws on a table that names a parameter it does not have, or leaves bits over. */
export function compile(table: ProtocolTable): CompiledTable {
  const parameters = new Map(Object.entries(table.parameters).map(([name, row]) => [name, draft(name, row)]));
  const messages = new Map(Object.entries(table.messages).map(([name, row]) => [name, draft(name, row)]));
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
    customMessages: byCustomKey([...messages.values()]),
    customParameters: byCustomKey(vendors),
    tv: new Map([...parameters.values()].filter((p) => p.typeNumber < 128).map((p) => [p.typeNumber, p])),
  };
}

function byCustomKey(rows: readonly Compiled[]): Map<string, Compiled> {
  return new Map(rows.flatMap((row) => (row.custom === undefined ? [] : [[customKey(...row.custom), row]])));
}

function draft(name: string, row: ParameterRow | MessageRow): Draft {
  const steps = compileFields(name, Object.entries(row.fields ?? {}));
  const size = steps.reduce((sum, step) => sum + ("codec" in step ? step.codec.size : step.bytes), 0);
  const custom = "custom" in row ? row.custom : undefined;
  const typeNumber = "tv" in row ? row.tv : "tlv" in row ? row.tlv : "type" in row ? row.type : CUSTOM;
  return { name, typeNumber, custom, size, steps, members: [], slots: new Map(), customSlot: undefined };
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
    if (parameter.typeNumber === CUSTOM) owner.customSlot ??= { member, parameter };
    else owner.slots.set(parameter.typeNumber, { member, parameter });
  }
}

function compileFields(row: string, fields: readonly (readonly [string, FieldSpec])[]): FieldStep[] {
  const steps: FieldStep[] = [];
  let bits: BitField[] = [];
  let bitCount = 0;
  for (const [name, spec] of fields) {
    const [type, enumeration] = typeof spec === "number" ? [spec] : (spec.split(":") as [FieldType, string?]);
    if (typeof type === "number" || type === "u1" || type === "u2") {
      const width = type === "u1" ? 1 : 2;
      if (typeof type === "string") {
        bits.push({ name, start: bitCount, width, boolean: type === "u1" && enumeration === undefined });
      }
      bitCount += typeof type === "number" ? type : width;
      if (bitCount % 8 === 0) {
        steps.push({ bytes: bitCount / 8, fields: bits });
        bits = [];
        bitCount = 0;
      }
    } else {
      if (bitCount > 0) throw new Error(`${row}.${name} does not begin at a byte`);
      steps.push({ name, codec: fieldCodecs[type] });
    }
  }
  if (bitCount > 0) throw new Error(`${row} does not end at a byte`);
  return steps;
}
