import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { lists, messages, parameters } from "../../test/llrp-arbitrary.js";
import { parseYaml } from "../../test/small-yaml.js";
import type { FieldSpec, FieldType, MessageRow, ParameterRow } from "./definition.js";

const folder = new URL("../../../../../shared/data/llrp/", import.meta.url);
const present = existsSync(fileURLToPath(folder));

function facts<T>(name: string): T {
  return (present ? parseYaml(readFileSync(new URL(name, folder), "utf8")) : { parameters: [], messages: [] }) as T;
}

interface EdgeXRow {
  readonly name: string;
  readonly type_id: number;
  readonly fields?: readonly {
    readonly name?: string;
    readonly type: string;
    readonly partial?: boolean;
    readonly bit?: number;
    readonly length?: number;
    readonly padding?: boolean;
  }[];
  readonly parameters?: readonly {
    readonly type: string;
    readonly optional?: boolean;
    readonly repeatable?: boolean;
    readonly group?: string;
  }[];
}

interface EdgeX {
  readonly parameters: readonly EdgeXRow[];
  readonly messages: readonly EdgeXRow[];
  readonly types?: readonly { readonly name: string; readonly storage: string }[];
}

interface DeltaRow {
  readonly name: string;
  readonly typeNumber: number;
  readonly members: readonly DeltaMember[];
}

interface DeltaMember {
  readonly field?: { readonly name: string; readonly type: string };
  readonly reserved?: number;
  readonly parameter?: { readonly type: string; readonly cardinality: string };
  readonly choice?: { readonly type: string };
}

interface Delta {
  readonly parameters: readonly DeltaRow[];
  readonly overrides?: {
    readonly parameters: readonly DeltaRow[];
    readonly choices: readonly { readonly name: string; readonly parameterTypes: readonly string[] }[];
  };
}

const edgex = facts<EdgeX>("llrp-1.1-messages.yaml");
const delta = facts<Delta>("llrp-2.0-delta.yaml");

const bitsOf: Readonly<Record<FieldType, number>> = {
  ...{ u1: 1, u2: 2, u6: 6, u8: 8, s8: 8, u16: 16, s16: 16, u32: 32, s32: 32, u64: 64, u96: 96 },
  ...{ u1v: 16, u8v: 16, u16v: 16, u32v: 16, utf8v: 16, bytesToEnd: 0 },
};

/** What LLRP 2.0 put into rows of 1.1. */
const added20 = /^EnableCryptoResponse$/;

/** Bit offsets of the named fields of a row; a variable field counts as its count. */
function offsetsOf(fields: Readonly<Record<string, FieldSpec>> = {}): number[] {
  const offsets: number[] = [];
  let at = 0;
  for (const [name, spec] of Object.entries(fields)) {
    if (typeof spec === "string" && !added20.test(name)) offsets.push(at);
    at += typeof spec === "number" ? spec : (bitsOf[spec.split(":")[0] as FieldType] ?? 0);
  }
  return offsets;
}

const storage = new Map((edgex.types ?? []).map((type) => [type.name, type.storage]));

function bytesOfEdgeX(type: string, length: number | undefined): number {
  if (length !== undefined) return Math.max(0, length);
  if (type.startsWith("[]") || type === "string" || type === "bitArray") return 2;
  const known = storage.get(type) ?? type;
  return known === "bool" || known === "byte" ? 1 : Number(/\d+$/.exec(known)?.[0] ?? Number.NaN) / 8;
}

/** The same of a row of the facts. */
function offsetsOfEdgeX(row: EdgeXRow): number[] {
  const offsets: number[] = [];
  let at = 0;
  for (const field of row.fields ?? []) {
    if (field.padding !== true) offsets.push(at * 8 + (field.bit ?? 0));
    if (field.partial !== true) at += bytesOfEdgeX(field.type, field.length);
  }
  return offsets;
}

function numberOf(row: MessageRow | ParameterRow): number {
  return "tv" in row ? row.tv : "tlv" in row ? row.tlv : "type" in row ? row.type : -1;
}

const added = new Set(delta.parameters.map((row) => row.typeNumber).filter((type) => type > 128));

/** Type number and cardinality of the parameters that may follow; alternatives are just allowed. */
function membersOf(row: MessageRow | ParameterRow): string[] {
  return Object.entries(row.parameters ?? {}).flatMap(([name, cardinality]) => {
    const names = lists[name] ?? [name];
    const numbers = names.map((one) => numberOf(parameters[one] ?? { tlv: -1 })).filter((type) => !added.has(type));
    return numbers.map((type) => (lists[name] === undefined ? `${type} ${cardinality}` : `${type}`));
  });
}

function standardName(row: EdgeXRow, section: "messages" | "parameters"): string {
  const rows: Readonly<Record<string, MessageRow | ParameterRow>> = section === "messages" ? messages : parameters;
  return Object.entries(rows).find(([, mine]) => numberOf(mine) === row.type_id)?.[0] ?? row.name;
}

/** Where the facts differ from the standard, whose fields tshark shows as the table has them (llrp-tshark.test.ts). */
const differing: Readonly<Record<string, string>> = {
  C1G2_PC: "cut into parts: one word of 16 bits",
  HoppingEvent: "without NextChannelIndex",
  RFSurveyEvent: "without SpecIndex",
};

describe.skipIf(!present)("the protocol table beside that of LLRP 1.1 (needs ../shared/data/llrp)", () => {
  it("has every message and parameter, and no other in those numbers", () => {
    const mine = (rows: Readonly<Record<string, MessageRow | ParameterRow>>) =>
      Object.values(rows)
        .map(numberOf)
        .filter((type) => type !== -1 && !added.has(type))
        .sort((a, b) => a - b);
    const theirs = (rows: readonly EdgeXRow[]) => rows.map((row) => row.type_id).sort((a, b) => a - b);
    expect(mine(parameters)).toEqual(theirs(edgex.parameters));
    expect(mine(messages)).toEqual(theirs(edgex.messages));
  });

  const cases = (["messages", "parameters"] as const).flatMap((section) =>
    edgex[section].map((row) => [standardName(row, section), row] as const),
  );

  it.each(cases.filter(([name]) => !(name in differing)))("%s has its fields at the same bits", (name, row) => {
    const mine = messages[name] ?? parameters[name];
    expect(offsetsOf(mine?.fields)).toEqual(offsetsOfEdgeX(row));
  });

  it.each(cases)("%s may hold the same parameters", (name, row) => {
    const mine = membersOf(messages[name] ?? parameters[name] ?? { tlv: -1 });
    const theirs = (row.parameters ?? []).map(({ type, optional, repeatable }) => {
      const number = edgex.parameters.find((one) => one.name === type)?.type_id ?? -1;
      return `${number} ${optional ? "0" : "1"}${repeatable ? "-N" : optional ? "-1" : ""}`;
    });
    const number = (member: string) => Number(member.split(" ")[0]);
    expect([...new Set(mine.map(number))].sort()).toEqual([...new Set(theirs.map(number))].sort());
  });
});

/** A row in the words of the 2.0 facts. */
function inDeltaWords(row: ParameterRow): string[] {
  const fields = [...Object.entries(row.fields ?? {}), ...Object.entries(row.added ?? {})].map(([name, spec]) =>
    typeof spec === "number" ? `reserved ${spec}` : `${name} ${spec.split(":")[0]}`,
  );
  return [...fields, ...Object.entries(row.parameters ?? {}).map(([name, cardinality]) => `${name} ${cardinality}`)];
}

function deltaWords(row: DeltaRow): string[] {
  const words = row.members.map((member) => {
    if (member.field) return `${member.field.name} ${member.field.type}`;
    if (member.parameter) return `${member.parameter.type} ${member.parameter.cardinality}`;
    return member.reserved === undefined ? (member.choice?.type ?? "") : `reserved ${member.reserved}`;
  });
  // The facts have the six bits of EPC one by one, for want of a wider field.
  return words.filter((word) => !/^EPCBit[0-4] /.test(word)).map((word) => word.replace(/^EPCBit5 u1$/, "EPC u6"));
}

/** Choices that the table spells out as members of their own. */
const choices = /^(AirProtocolEPCMemorySelector|EPCParameter|AirProtocolTagData|AccessCommandOpSpecResult)( |$)/;
const choiceMembers = /^(C1G2EPCMemorySelector|EPCData|EPC_96|C1G2_PC|C1G2_CRC|C1G2XPCW[12]) /;

describe.skipIf(!present)("the protocol table beside the additions of LLRP 2.0 (needs ../shared/data/llrp)", () => {
  const rows = [...delta.parameters, ...(delta.overrides?.parameters ?? [])];

  it.each(rows.map((row) => [row.name, row] as const))("%s has the same number, fields and parameters", (name, row) => {
    const mine = parameters[name] ?? { tlv: -1 };
    expect(numberOf(mine)).toBe(row.typeNumber);
    const own = name === "TagReportContentSelector" ? /^Custom / : /^$/;
    const words = inDeltaWords(mine).filter((word) => ![choiceMembers, choices, own].some((one) => one.test(word)));
    expect(words).toEqual(deltaWords(row).filter((word) => !choices.test(word)));
  });

  it.each(["AccessCommandOpSpec", "AccessCommandOpSpecResult"])("%s has the same alternatives", (name) => {
    const theirs = delta.overrides?.choices.find((choice) => choice.name === name)?.parameterTypes ?? [];
    const own = name === "AccessCommandOpSpecResult" ? [...(lists[name] ?? []), "Custom"] : (lists[name] ?? []);
    expect([...own].sort()).toEqual([...theirs].sort());
  });
});
