import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { FieldSpec, FieldType, MessageRow, ParameterRow } from "../src/llrp/definition.js";
import { encodeMessage, type LlrpMessageInput, type LlrpVersion } from "../src/llrp/index.js";
import { pcapOf } from "./captures.js";
import { messageArbitrary, messages, parameters } from "./llrp-arbitrary.js";
import { isMiscounted, type Place, shownPlace, UNREAD_MESSAGE, UNREAD_PARAMETER } from "./tshark-slips.js";

const TSHARK = "tshark";
const missing = spawnSync(TSHARK, ["--version"]).error !== undefined;
const required = process.env.STOREWARD_REQUIRE_SERVERS === "1";

/** What stands before the message in a frame: raw IP and TCP, without options. */
const BEFORE = 40;

/** The places of the fields of one message, and of its parameters, as "type number: place". */
interface Layout {
  readonly fields: Place[];
  readonly parameters: Place[];
}

const rowsByNumber = new Map(
  Object.values(parameters).flatMap((row): [number, ParameterRow][] => {
    return "tv" in row ? [[row.tv, row]] : "tlv" in row ? [[row.tlv, row]] : [];
  }),
);

/** What the table says of the bytes of a message. */
function layoutOf(message: Uint8Array, type: string, row: MessageRow): Layout {
  const view = new DataView(message.buffer, message.byteOffset, message.byteLength);
  const layout: Layout = { fields: ["3+3", "6+10", "16+32", "48+32"], parameters: [] };
  walk(view, { start: 0, header: 10, end: message.length }, type, row, layout);
  return layout;
}

interface Span {
  readonly start: number;
  readonly header: number;
  readonly end: number;
}

function walk(view: DataView, span: Span, owner: string, row: MessageRow | ParameterRow, layout: Layout): void {
  const { start, header, end } = span;
  const own: Layout = { fields: [], parameters: [] };
  let bit = (start + header) * 8;
  for (const [name, spec] of Object.entries(row.fields ?? {})) bit = field(view, bit, end, name, spec, own);
  const shown = own.fields.map((place) => shownPlace(owner, start * 8, place)).filter((place) => place !== "");
  layout.fields.push(...(owner === UNREAD_MESSAGE ? shown.slice(0, 1) : shown));
  let at = bit / 8;
  while (at < end) {
    const tv = view.getUint8(at) & 0x80;
    const number = tv ? view.getUint8(at) & 0x7f : view.getUint16(at) & 0x3ff;
    const inner = rowsByNumber.get(number) ?? { tlv: number };
    const length = tv ? 1 + sizeOfTv(inner) : view.getUint16(at + 2);
    layout.parameters.push(`${number}: ${at * 8}+${length * 8}`);
    if (tv) layout.fields.push(`${at * 8 + 1}+7`);
    else layout.fields.push(`${at * 8 + 6}+10`, `${at * 8 + 16}+16`);
    const inside = { start: at, header: tv ? 1 : 4, end: at + length };
    if (number !== UNREAD_PARAMETER) walk(view, inside, String(number), inner, layout);
    at += length;
  }
}

const widths: Partial<Record<FieldType, number>> = {
  ...{ u1: 1, u2: 2, u8: 8, s8: 8, u16: 16, s16: 16, u32: 32, s32: 32, u64: 64, u96: 96 },
};

function sizeOfTv(row: ParameterRow): number {
  const specs = Object.values(row.fields ?? {});
  return specs.reduce<number>((sum, spec) => sum + (widths[typeOf(spec)] ?? 0) / 8, 0);
}

function typeOf(spec: FieldSpec): FieldType {
  return String(spec).split(":")[0] as FieldType;
}

/** Adds the places of one field as tshark shows its kind, and gives the bit behind it. */
function field(view: DataView, bit: number, end: number, name: string, spec: FieldSpec, layout: Layout): number {
  if (typeof spec === "number") return bit + spec;
  const type = typeOf(spec);
  const width = widths[type];
  const add = (at: number, size: number) => {
    if (size > 0) layout.fields.push(`${at}+${size}`);
    return at + size;
  };
  // tshark takes a vendor's subtype and data for one.
  if (name === "ParameterSubtype") return bit;
  if (type === "bytesToEnd") return add(bit, end * 8 - bit);
  if (width !== undefined) return add(bit, width);
  const count = view.getUint16(bit / 8);
  if (type === "utf8v" || name === "ReaderID") return add(bit, 16 + count * 8);
  const content = add(bit, 16);
  if (type === "u1v") return add(content, Math.ceil(count / 8) * 8);
  const element = { u8v: 8, u16v: 16, u32v: 32 }[type as "u8v" | "u16v" | "u32v"];
  const words = type === "u16v" && name !== "AntennaIDs";
  if (words) return add(content, count * element);
  for (let i = 0; i < count; i++) add(content + i * element, element);
  return content + count * element;
}

interface Shown extends Layout {
  readonly complaints: readonly string[];
}

/** What tshark says of every packet of a capture. */
function dissect(capture: Uint8Array): Shown[] {
  const folder = mkdtempSync(join(tmpdir(), "storeward-tshark-"));
  try {
    const file = join(folder, "llrp.pcap");
    writeFileSync(file, capture);
    const args = ["-r", file, "-d", "tcp.port==5084,llrp", "-T", "pdml"];
    const pdml = execFileSync(TSHARK, args, {
      maxBuffer: 256e6,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    });
    return pdml.split("<packet>").slice(1).map(shownOf);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function shownOf(packet: string): Shown {
  const shown = { fields: [] as string[], parameters: [] as string[], complaints: [] as string[] };
  let parameter = "";
  for (const [element] of packet.matchAll(/<(field|proto) [^>]*>/g)) {
    const [name, text, size, pos] = ["name", "showname", "size", "pos"].map((key) => attribute(element, key));
    if (/^_ws.(expert.message|malformed)$/.test(name ?? ""))
      shown.complaints.push(attribute(element, "show") || "malformed");
    if (!name?.startsWith("llrp.") || size === "0") continue;
    const at = (Number(pos) - BEFORE) * 8;
    const mask = /^[.01 ]+(?= = )/.exec(text ?? "")?.[0].replaceAll(" ", "");
    if (name === "llrp.param") parameter = `${at}+${Number(size) * 8}`;
    else if (mask === undefined) shown.fields.push(`${at}+${Number(size) * 8}`);
    else shown.fields.push(`${at + mask.search(/[01]/)}+${mask.replaceAll(".", "").length}`);
    if (name === "llrp.tlv_type" || name === "llrp.tv_type") {
      shown.parameters.push(`${attribute(element, "show")}: ${parameter}`);
    }
  }
  return shown;
}

function attribute(element: string, key: string): string {
  return new RegExp(` ${key}="([^"]*)"`).exec(element)?.[1] ?? "";
}

const standard = Object.entries(messages).filter(([, row]) => "type" in row);
/** What LLRP 1.1 added to 1.0.1. */
const since11 = /_(SUPPORTED|PROTOCOL)_VERSION/;

const cases = standard.flatMap(([type, row]) => {
  const versions: LlrpVersion[] = since11.test(type) ? [2] : [1, 2];
  return versions.map((version) => ({ type, row, version, of: version === 1 ? "1.0.1" : "1.1" }));
});

describe.skipIf(missing && !required)(
  "tshark, which knows LLRP from elsewhere (skipped where it is not installed)",
  () => {
    const spoken = cases.flatMap((one) =>
      fc.sample(messageArbitrary(one.type, 3, true), { seed: 11, numRuns: 3 }).map((body) => ({
        ...one,
        bytes: encodeMessage({ type: one.type, id: 5, ...body } as LlrpMessageInput, one.version),
      })),
    );
    let at = 0;
    const sent = spoken.map(({ bytes }) => {
      const segment = { from: "reader" as const, at, bytes };
      at += bytes.length;
      return segment;
    });
    const shown = missing ? [] : dissect(pcapOf(sent, { link: "raw" }));

    it.each(cases.map(({ type, version, of }) => [type, of, version] as const))(
      "shows %s of LLRP %s with the same fields and parameters at the same places",
      (type, _, version) => {
        for (const [index, one] of spoken.entries()) {
          if (one.type !== type || one.version !== version) continue;
          const theirs = shown[index] ?? { fields: [], parameters: [], complaints: ["nothing"] };
          const ours = layoutOf(one.bytes, type, one.row);
          expect(theirs.complaints.filter((text) => !isMiscounted(type, text))).toEqual([]);
          if (type === "CLIENT_REQUEST_OP_RESPONSE") {
            expect(theirs.parameters[0]).toBe(ours.parameters[0]);
            continue;
          }
          expect([...theirs.parameters].sort()).toEqual([...ours.parameters].sort());
          expect([...theirs.fields].sort()).toEqual([...ours.fields].sort());
        }
      },
    );
  },
);
