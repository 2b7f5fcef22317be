import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import type { MessageRow, ParameterRow, ProtocolTable } from "./definition.js";
import { decodeMessage, encodeMessage, hexOf, LlrpFramer } from "./index.js";
import * as enumerations from "./tables/enumerations.js";
import { table } from "./tables/index.js";

const folder = new URL("../../../../../shared/data/llrp/", import.meta.url);
const recording = fileURLToPath(new URL("dx101_a_in.bin", folder));
const expected = fileURLToPath(new URL("dx101_a_out.xml", folder));

const { messages, parameters }: ProtocolTable = table;
const rows = new Map<string, MessageRow | ParameterRow>([...Object.entries(messages), ...Object.entries(parameters)]);
const names: Readonly<Record<string, Readonly<Record<string, number>>>> = enumerations;

/** `Owner.Field=value` of every field in the order of the XML, with enumerations as numbers. */
function fieldsOfXml(xml: string): string[] {
  const path: string[] = [];
  const fields: string[] = [];
  for (const match of xml.matchAll(/<(\w+)[^>]*>(?:([^<]*)<\/\1>)?|<\/(\w+)>/g)) {
    const [, opened, text, closed] = match;
    if (closed !== undefined) path.pop();
    else if (opened !== undefined && text === undefined) path.push(opened);
    else if (opened !== undefined && text !== undefined && path.length > 0)
      fields.push(field(path.at(-1) ?? "", opened, text));
  }
  return fields;
}

function field(owner: string, name: string, text: string): string {
  const enumeration = String(rows.get(owner)?.fields?.[name] ?? "").split(":")[1] ?? "";
  const value = names[enumeration]?.[text] ?? text.replace(/\\000/g, "\0");
  return `${owner}.${name}=${value}`;
}

/** Bits that LLRP 1.1 and 2.0 added, which the 1.0.1 toolkit takes for reserved. */
const added = /^(EnableXPCBits|EnableCryptoResponse|CanSupport(BlockPermalock|TagRecommissioning|UMIMethod2|XPC))$/;

/** The same of a decoded message. */
function fieldsOf(owner: string, value: object): string[] {
  return Object.entries(value).flatMap(([name, part]) => {
    if (owner in table.messages && ["type", "id", "version"].includes(name)) return [];
    if (Array.isArray(part) && typeof part[0] === "object") return part.flatMap((p) => fieldsOf(p.type ?? name, p));
    if (name === "type" || added.test(name)) return [];
    if (Array.isArray(part)) return [`${owner}.${name}=${part.join(" ")}`];
    if (part instanceof Uint8Array) return [`${owner}.${name}=${name === "EPC" ? hexOf(part) : part.join(" ")}`];
    if (typeof part === "object") return fieldsOf(name, part);
    return [`${owner}.${name}=${typeof part === "boolean" ? Number(part) : part}`];
  });
}

describe.skipIf(!existsSync(recording))("the LTK test stream dx101_a (needs ../shared/data/llrp)", () => {
  const stream = existsSync(recording) ? new Uint8Array(readFileSync(recording)) : new Uint8Array();
  const { frames } = new LlrpFramer().push(stream);

  it("encodes every decoded message to the bytes it came from", () => {
    expect(frames).toHaveLength(934);
    for (const frame of frames) {
      const message = decodeMessage(frame);
      expect(message.type).not.toBe("UNKNOWN_MESSAGE");
      expect(hexOf(encodeMessage(message))).toBe(hexOf(frame));
    }
  });

  it("decodes to the fields, names and values that the toolkit expects", () => {
    const sections = readFileSync(expected, "utf8")
      .split(/^(?=<[A-Z]+_?[A-Z_]*[ >])/m)
      .slice(1);
    expect(sections).toHaveLength(frames.length);
    frames.forEach((frame, index) => {
      const message = decodeMessage(frame);
      const xml = sections[index] ?? "";
      expect(xml).toContain(`<${message.type} MessageID='${message.id}'`);
      expect(fieldsOf(message.type, message).sort()).toEqual(fieldsOfXml(xml).sort());
    });
  });
});
