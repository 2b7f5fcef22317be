import { describe, expect, it } from "vitest";
import { compile } from "./compile.js";
import { decodeWith } from "./decode.js";
import type { FieldSpec, ProtocolTable } from "./definition.js";
import { encodeWith } from "./encode.js";
import * as enumerations from "./tables/enumerations.js";
import { table } from "./tables/index.js";

describe("the protocol table", () => {
  it("names no enumeration that does not exist, and leaves none unused", () => {
    const rows = [...Object.values(table.messages), ...Object.values(table.parameters)];
    const specs = rows.flatMap((row): FieldSpec[] => ("fields" in row ? Object.values(row.fields) : []));
    const used = specs.flatMap((spec) => (typeof spec === "string" ? spec.split(":").slice(1) : []));
    expect([...new Set(used)].sort()).toEqual(Object.keys(enumerations).sort());
  });

  it("refuses rows that are not whole", () => {
    const withRow = (row: ProtocolTable["parameters"][string]): ProtocolTable => ({
      messages: {},
      parameters: { Odd: row },
      lists: {},
    });
    expect(() => compile(withRow({ tlv: 900, fields: { A: "u1" } }))).toThrow("Odd does not end at a byte");
    expect(() => compile(withRow({ tlv: 900, fields: { A: "u1", B: "u8" } }))).toThrow("Odd.B does not begin");
    expect(() => compile(withRow({ tlv: 900, parameters: { Nowhere: "1" } }))).toThrow("no parameter Nowhere");
    const crossing = { A: "u6", B: "u6", reserved: 4 } as const;
    expect(() => compile(withRow({ tlv: 900, fields: crossing }))).toThrow("Odd.B crosses the end of a byte");
  });

  it("takes a vendor's messages and parameters as rows, and others stay raw", () => {
    const compiled = compile({
      ...table,
      messages: { ...table.messages, OTHER_MESSAGE: { custom: [4711, 1], parameters: { Custom: "0-N" } } },
      parameters: { ...table.parameters, OtherParameter: { custom: [4711, 56], fields: { Value: "u16" } } },
    });
    const message = {
      type: "OTHER_MESSAGE",
      id: 1,
      version: 1,
      Custom: [
        { type: "OtherParameter", Value: 4095 },
        { type: "Custom", VendorIdentifier: 4711, ParameterSubtype: 57, Data: Uint8Array.of(0, 1) },
      ],
    };
    const frame = encodeWith(compiled, message, 1);
    expect(Buffer.from(frame).toString("hex")).toContain("0000126701" + "03ff000e00001267000000380fff");
    expect(decodeWith(compiled, frame)).toEqual(message);
  });
});
