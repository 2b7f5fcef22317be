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

/** A tree of either kind: fields as "name=value", parameters under their names, in the order in which they stand. */
interface Tree {
  readonly name: string;
  readonly fields: string[];
  readonly parameters: Tree[];
}

function tree(name: string): Tree {
  return { name, fields: [], parameters: [] };
}

/** The tree of one message in XML, with enumerations as numbers. */
function treeOfXml(xml: string): Tree {
  const root = tree("");
  const path = [root];
  for (const [, opened, text, closed] of xml.matchAll(/<(\w+)[^>]*>(?:([^<]*)<\/\1>)?|<\/(\w+)>/g)) {
    const owner = path.at(-1) ?? root;
    if (closed !== undefined) path.pop();
    else if (opened !== undefined && text !== undefined && path.length > 1) {
      owner.fields.push(fieldOfXml(owner.name, opened, text));
    } else if (opened !== undefined) {
      const inner = tree(opened);
      owner.parameters.push(inner);
      if (text === undefined) path.push(inner);
    }
  }
  return root.parameters[0] ?? root;
}

function fieldOfXml(owner: string, name: string, text: string): string {
  const enumeration = String(rows.get(owner)?.fields?.[name] ?? "").split(":")[1] ?? "";
  const value = names[enumeration]?.[text] ?? text.replace(/\\000/g, "\0");
  return `${name}=${value}`;
}

/** Bits that LLRP 1.1 and 2.0 added, which the 1.0.1 toolkit takes for reserved. */
const added = /^(EnableXPCBits|EnableCryptoResponse|CanSupport(BlockPermalock|TagRecommissioning|UMIMethod2|XPC))$/;

/** The same of a decoded message. */
function treeOf(name: string, value: object): Tree {
  const result = tree(name);
  const ofMessage = name in table.messages;
  for (const [key, part] of Object.entries(value)) {
    if (key === "type" || added.test(key) || (ofMessage && ["id", "version"].includes(key))) continue;
    if (Array.isArray(part) && typeof part[0] === "object") {
      for (const one of part) result.parameters.push(treeOf(one.type ?? key, one));
    } else if (Array.isArray(part)) result.fields.push(`${key}=${part.join(" ")}`);
    else if (part instanceof Uint8Array) result.fields.push(`${key}=${key === "EPC" ? hexOf(part) : part.join(" ")}`);
    else if (typeof part === "object") result.parameters.push(treeOf(key, part));
    else result.fields.push(`${key}=${typeof part === "boolean" ? Number(part) : part}`);
  }
  return result;
}

/** Parameters of different names have no order among each other in objects; those of one name keep theirs. */
function sorted({ name, fields, parameters }: Tree): Tree {
  return {
    name,
    fields: fields.sort(),
    parameters: parameters.map(sorted).sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0)),
  };
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

  it("decodes to the tree of parameters, fields and values that the toolkit expects", () => {
    const sections = readFileSync(expected, "utf8")
      .split(/^(?=<[A-Z]+_?[A-Z_]*[ >])/m)
      .slice(1);
    expect(sections).toHaveLength(frames.length);
    frames.forEach((frame, index) => {
      const message = decodeMessage(frame);
      const xml = sections[index] ?? "";
      expect(xml).toContain(`<${message.type} MessageID='${message.id}'`);
      expect(sorted(treeOf(message.type, message))).toEqual(sorted(treeOfXml(xml)));
    });
  });
});
