import fc from "fast-check";
import type { FieldSpec, FieldType, MessageRow, ParameterRow, ProtocolTable } from "../src/llrp/definition.js";
import { c1g2Security } from "../src/llrp/tables/c1g2-security.js";
import * as enumerations from "../src/llrp/tables/enumerations.js";
import { table } from "../src/llrp/tables/index.js";

export const { messages, parameters, lists }: ProtocolTable = table;

const names: Readonly<Record<string, Readonly<Record<string, number>>>> = enumerations;

/** Values of a field, as the table says what it holds. */
const values: Record<FieldType, fc.Arbitrary<unknown>> = {
  u1: fc.boolean(),
  u2: fc.nat(3),
  u6: fc.nat(63),
  u8: fc.nat(0xff),
  s8: fc.integer({ min: -0x80, max: 0x7f }),
  u16: fc.nat(0xffff),
  s16: fc.integer({ min: -0x8000, max: 0x7fff }),
  u32: fc.nat(0xffff_ffff),
  s32: fc.integer({ min: -0x8000_0000, max: 0x7fff_ffff }),
  u64: fc.bigInt(0n, 0xffff_ffff_ffff_ffffn),
  u96: fc.uint8Array({ minLength: 12, maxLength: 12 }),
  u1v: fc.uint8Array({ maxLength: 9 }).chain((bytes) => {
    const most = bytes.length * 8;
    const bitCount = fc.integer({ min: Math.max(0, most - 7), max: most });
    return bitCount.map((count) => ({ bitCount: count, bytes }));
  }),
  u8v: fc.uint8Array({ maxLength: 9 }),
  u16v: fc.array(fc.nat(0xffff), { maxLength: 4 }),
  u32v: fc.array(fc.nat(0xffff_ffff), { maxLength: 4 }),
  utf8v: fc.string({ maxLength: 12, unit: "grapheme" }),
  bytesToEnd: fc.uint8Array({ maxLength: 9 }),
};

type Loose = Record<string, unknown>;

function field(spec: FieldSpec, full: boolean): fc.Arbitrary<unknown> {
  const [type, enumeration] = String(spec).split(":") as [FieldType, string?];
  const named = Object.values(names[enumeration ?? ""] ?? {});
  if (full && named.length > 0) {
    const one = fc.constantFrom(...named);
    return type === "u8v" ? fc.array(one, { maxLength: 3 }).map((list) => Uint8Array.from(list)) : one;
  }
  return type === "u1" && enumeration !== undefined ? fc.nat(1) : values[type];
}

function fieldsModel(
  fields: Readonly<Record<string, FieldSpec>>,
  full: boolean,
): Record<string, fc.Arbitrary<unknown>> {
  const named = Object.entries(fields).filter(([, spec]) => typeof spec === "string");
  return Object.fromEntries(named.map(([name, spec]) => [name, field(spec, full)]));
}

/**
 * What a row may hold; parameters that may be absent are, below a depth. `full`: as much as there can be of LLRP 1.1, of
 * vendors only what no table knows, and of enumerated values those that have a name.
 */
function row(definition: MessageRow | ParameterRow, depth: number, full: boolean): fc.Arbitrary<Loose> {
  const { fields = {}, added = {}, parameters: members = {} } = definition;
  const model = fieldsModel(fields, full);
  const optional: string[] = [];
  for (const [name, cardinality] of Object.entries(members)) {
    if (full && name in c1g2Security) continue;
    if (cardinality.startsWith("0")) {
      if (depth <= 0) continue;
      if (!full) optional.push(name);
    }
    const one = member(name, depth - 1, full, Object.keys(members));
    model[name] = cardinality.endsWith("N") ? several(name, one, full) : one;
  }
  const requiredKeys = Object.keys(model).filter((name) => !optional.includes(name));
  const base: fc.Arbitrary<Loose> = fc.record(model, { requiredKeys, noNullPrototype: true });
  if (Object.keys(added).length === 0 || full) return base;
  const all = fc.record(fieldsModel(added, full), { noNullPrototype: true });
  return fc.oneof(
    base,
    fc.tuple(base, all).map(([one, more]) => ({ ...one, ...more })),
  );
}

function several(name: string, one: fc.Arbitrary<unknown>, full: boolean): fc.Arbitrary<unknown> {
  const kinds = lists[name]?.length ?? 1;
  return full && kinds > 1 ? everyKind(name) : fc.array(one, { minLength: 1, maxLength: 2 });
}

/** One element of every kind that a list of alternatives may hold. */
function everyKind(name: string): fc.Arbitrary<unknown> {
  const types = (lists[name] ?? []).filter((type) => !(type in c1g2Security));
  return fc.tuple(...types.map((type) => tagged(type, 1, true)));
}

const known = new Map<string, fc.Arbitrary<Loose>>();

/** Any parameter of a name, without the `type` that it has in lists. */
export function parameterArbitrary(name: string, depth: number, full = false): fc.Arbitrary<Loose> {
  const key = `${name} ${depth} ${full}`;
  const found = known.get(key);
  if (found !== undefined) return found;
  const definition = parameters[name];
  if (definition === undefined) throw new Error(`no parameter ${name}`);
  const made = name === "Custom" ? foreign(definition) : row(definition, depth, full);
  known.set(key, made);
  return made;
}

/** A vendor's parameter that the table does not know. */
function foreign(definition: ParameterRow): fc.Arbitrary<Loose> {
  return row(definition, 0, false).map((value) => ({ ...value, VendorIdentifier: 0x4000_0000 }));
}

function tagged(type: string, depth: number, full: boolean): fc.Arbitrary<Loose> {
  return parameterArbitrary(type, depth, full).map((value) => ({ type, ...value }));
}

const vendorNames = Object.keys(parameters).filter((name) => "custom" in (parameters[name] ?? {}));

function member(name: string, depth: number, full: boolean, siblings: readonly string[]): fc.Arbitrary<unknown> {
  const alternatives = lists[name];
  if (alternatives === undefined) return parameterArbitrary(name, depth, full);
  // What has a place of its own beside the list is decoded to there.
  const vendors = full ? [] : vendorNames.filter((vendor) => !siblings.includes(vendor));
  const types = alternatives.flatMap((type) => (type === "Custom" && depth > 0 ? [type, ...vendors] : [type]));
  return fc.oneof(...types.map((type) => tagged(type, depth, full)));
}

/** The body of any message of a name: all but type, id and version. */
export function messageArbitrary(name: string, depth = 3, full = false): fc.Arbitrary<Loose> {
  const definition = messages[name];
  if (definition === undefined) throw new Error(`no message ${name}`);
  const body = row(definition, depth, full);
  if (name !== "CUSTOM_MESSAGE") return body;
  return body.map((value) => ({ ...value, VendorIdentifier: 0x4000_0000 }));
}
