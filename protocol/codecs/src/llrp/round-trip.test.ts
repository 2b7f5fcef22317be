import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compile } from "./compile.js";
import { decodeWith } from "./decode.js";
import type { FieldSpec, FieldType, MessageRow, ParameterRow, ProtocolTable } from "./definition.js";
import { encodeWith } from "./encode.js";
import { LlrpDecodeError } from "./index.js";
import { table } from "./tables/index.js";

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

const { messages, parameters, lists }: ProtocolTable = table;

function field(spec: FieldSpec): fc.Arbitrary<unknown> {
  const [type, enumeration] = String(spec).split(":") as [FieldType, string?];
  return type === "u1" && enumeration !== undefined ? fc.nat(1) : values[type];
}

/** What a row may hold; parameters that may be absent are, below a depth. */
function row({ fields = {}, parameters: members = {} }: MessageRow | ParameterRow, depth: number) {
  const model: Record<string, fc.Arbitrary<unknown>> = {};
  for (const [name, spec] of Object.entries(fields)) if (typeof spec === "string") model[name] = field(spec);
  const optional: string[] = [];
  for (const [name, cardinality] of Object.entries(members)) {
    if (cardinality.startsWith("0")) {
      if (depth <= 0) continue;
      optional.push(name);
    }
    const one = member(name, depth - 1);
    model[name] = cardinality.endsWith("N") ? fc.array(one, { minLength: 1, maxLength: 2 }) : one;
  }
  const requiredKeys = Object.keys(model).filter((name) => !optional.includes(name));
  return fc.record(model, { requiredKeys, noNullPrototype: true });
}

function member(name: string, depth: number): fc.Arbitrary<unknown> {
  const alternatives = lists[name];
  if (alternatives === undefined) return row(parameters[name] ?? { tlv: 0 }, depth);
  const tagged = alternatives.map((type) =>
    row(parameters[type] ?? { tlv: 0 }, depth).map((value) => ({ type, ...value })),
  );
  return fc.oneof(...tagged);
}

const compiled = compile(table);

describe("every message of the table", () => {
  it.each(Object.entries(messages))("%s decodes to what was encoded, whatever its fields hold", (type, definition) => {
    fc.assert(
      fc.property(row(definition, 3), fc.nat(0xffff_ffff), fc.integer({ min: 1, max: 3 }), (body, id, version) => {
        const message = { type, id, version, ...body };
        expect(decodeWith(compiled, encodeWith(compiled, message, version))).toEqual(message);
      }),
      { numRuns: 25 },
    );
  });

  it("throws nothing but LlrpDecodeError when its bytes are damaged, and encodes again what it could decode", () => {
    const frames = fc.oneof(
      ...Object.entries(messages).map(([type, definition]) =>
        row(definition, 3).map((body) => encodeWith(compiled, { type, id: 1, ...body }, 1)),
      ),
    );
    const edits = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(frames, edits, (frame, changes) => {
        for (const [at, value] of changes) if (frame.length > 10) frame[10 + (at % (frame.length - 10))] = value;
        let message: ReturnType<typeof decodeWith>;
        try {
          message = decodeWith(compiled, frame);
        } catch (error) {
          expect(error).toBeInstanceOf(LlrpDecodeError);
          return;
        }
        encodeWith(compiled, message, 1);
      }),
      { numRuns: 1000 },
    );
  });
});
