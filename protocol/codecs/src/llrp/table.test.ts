import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { compile } from "./compile.js";
import { decodeWith } from "./decode.js";
import type { FieldSpec, ProtocolTable } from "./definition.js";
import { encodeWith } from "./encode.js";
import * as enumerations from "./tables/enumerations.js";
import { table } from "./tables/index.js";

const facts = fileURLToPath(new URL("../../../../../shared/data/llrp/llrp-1.1-messages.yaml", import.meta.url));

/** Type numbers of one section of the facts; each row there begins with its name and type_id. */
function typeNumbers(yaml: string, section: string): number[] {
  const body = yaml.split(/^(?=\w+:)/m).find((part) => part.startsWith(`${section}:`)) ?? "";
  return [...body.matchAll(/^ {4}type_id: (\d+)/gm)].map((match) => Number(match[1])).sort((a, b) => a - b);
}

describe("the protocol table", () => {
  it.skipIf(!existsSync(facts))("has every message and parameter of LLRP 1.1 (needs ../shared/data/llrp)", () => {
    const yaml = readFileSync(facts, "utf8");
    const parameters = Object.values(table.parameters).map((row) => ("tv" in row ? row.tv : row.tlv));
    const messages = Object.values(table.messages).map((row) => row.type);
    expect(parameters.sort((a, b) => a - b)).toEqual(typeNumbers(yaml, "parameters"));
    expect(messages.sort((a, b) => a - b)).toEqual(typeNumbers(yaml, "messages"));
  });

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
  });

  it("takes a vendor's messages and parameters as rows, and others stay raw", () => {
    const compiled = compile({
      ...table,
      messages: {
        ...table.messages,
        IMPINJ_ENABLE_EXTENSIONS: { custom: [25882, 21], fields: { reserved: 32 }, parameters: { Custom: "0-N" } },
      },
      parameters: {
        ...table.parameters,
        ImpinjRFPhaseAngle: { custom: [25882, 56], fields: { PhaseAngle: "u16" } },
      },
    });
    const report = {
      type: "RO_ACCESS_REPORT",
      id: 1,
      version: 1,
      TagReportData: [
        {
          AntennaID: { AntennaID: 1 },
          Custom: [
            { type: "ImpinjRFPhaseAngle", PhaseAngle: 4095 },
            { type: "Custom", VendorIdentifier: 161, ParameterSubtype: 709, Data: Uint8Array.of(0, 1) },
          ],
        },
      ],
    };
    const frame = encodeWith(compiled, report, 1);
    expect(Buffer.from(frame).toString("hex")).toContain("03ff000e0000651a000000380fff");
    expect(decodeWith(compiled, frame)).toEqual(report);
    const enable = { type: "IMPINJ_ENABLE_EXTENSIONS", id: 2, version: 1 };
    expect(decodeWith(compiled, encodeWith(compiled, enable, 1))).toEqual(enable);
  });
});
