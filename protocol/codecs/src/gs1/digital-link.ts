import type { Element } from "./element.js";
import { checkElements, type ReadOptions, yearOf } from "./element-string.js";
import { Gs1Error } from "./errors.js";
import { type Compiled, compiledOf, identifierOf } from "./identifiers.js";
import type { ParsedElement } from "./parsed-element.js";
import { readValue } from "./read-value.js";

/** A stretch of the link: text and where it begins. */
interface Part {
  readonly text: string;
  readonly position: number;
}

/**
 * The elements of an uncompressed GS1 Digital Link URI (GS1 Digital Link: URI Syntax 1.4): any domain, any path in front of
 * the primary key, its qualifiers in order, then data attributes from the query. What the query holds besides, `linkType`
 * and the like, says nothing of the item and is left out. A GTIN of 8, 12 or 13 digits is filled up to 14. Throws Gs1Error.
 */
export function parseDigitalLink(uri: string, options: ReadOptions = {}): ParsedElement[] {
  return readLink(uri, 0, yearOf(options));
}

export function readLink(uri: string, from: number, thisYear: number): ParsedElement[] {
  const authority = /^https?:\/\/[^/?#\s]+/i.exec(uri.slice(from))?.[0];
  if (authority === undefined) throw new Gs1Error("BAD_LINK", from, "a GS1 Digital Link begins https:// and a domain");
  const start = from + authority.length;
  const end = firstOf(uri, /#/, start);
  const query = Math.min(firstOf(uri, /\?/, start), end);
  const path = split({ text: uri.slice(start, query), position: start }, /\//);
  const { keyAt, sequences } = findKey(path, query);
  const elements: ParsedElement[] = [];
  const seen: string[] = [];
  for (let i = keyAt; i < path.length; i += 2) {
    const [name, value] = [path[i], path[i + 1]];
    if (name === undefined || value === undefined) break;
    const identifier = compiledOf(name.text);
    if (identifier === undefined) break;
    if (i > keyAt) {
      seen.push(name.text);
      if (!sequences.some((sequence) => isOrdered(seen, sequence))) {
        const order = sequences.map((sequence) => sequence.join(", ")).join(" or ") || "none";
        const message = `(${name.text}) cannot stand here: after (${path[keyAt]?.text}) come ${order}, in that order`;
        throw new Gs1Error("BAD_LINK", name.position, message);
      }
    }
    elements.push(readPart(identifier, value, thisYear));
  }
  for (const attribute of split({ text: uri.slice(query + 1, end), position: query + 1 }, /[&;]/)) {
    const element = readAttribute(attribute, thisYear);
    if (element !== undefined) elements.push(element);
  }
  return elements;
}

/** The last primary key from which pairs of qualifier and value lead to the end of the path. */
function findKey(path: readonly Part[], end: number): { keyAt: number; sequences: readonly (readonly string[])[] } {
  const segments = path.at(-1)?.text === "" ? path.length - 1 : path.length;
  for (let i = segments - 2; i >= 1; i -= 2) {
    const text = path[i]?.text ?? "";
    const identifier = identifierOf(text);
    if (identifier === undefined) break;
    if (identifier.qualifiers !== undefined) return { keyAt: i, sequences: identifier.qualifiers };
  }
  const last = path[segments - 1];
  // A compressed link has one segment of base64url, perhaps after the key.
  if (last !== undefined && /^[\w-]{10,}$/.test(last.text) && !/^\d+$/.test(last.text)) {
    const message = "no GS1 key stands in the path: if this is a compressed link, only its own domain can open it";
    throw new Gs1Error("COMPRESSED_LINK", last.position, message);
  }
  throw new Gs1Error(
    "BAD_LINK",
    end,
    "no GS1 key stands in the path: a link to an item has /01/ and its GTIN, for instance",
  );
}

function isOrdered(seen: readonly string[], sequence: readonly string[]): boolean {
  let at = 0;
  for (const name of seen) {
    const found = sequence.indexOf(name, at);
    if (found < 0) return false;
    at = found + 1;
  }
  return true;
}

function readAttribute({ text, position }: Part, thisYear: number): ParsedElement | undefined {
  const equals = text.indexOf("=");
  const name = equals < 0 ? text : text.slice(0, equals);
  // Names of digits only are kept for identifiers; others belong to resolvers and shops.
  if (!/^\d+$/.test(name)) return undefined;
  const identifier = compiledOf(name);
  if (identifier === undefined) throw new Gs1Error("UNKNOWN_IDENTIFIER", position, `there is no identifier (${name})`);
  if (!identifier.attribute) {
    const message = `(${name}) ${identifier.title} cannot stand in the query of a link: it belongs in the path after its key`;
    throw new Gs1Error("BAD_LINK", position, message);
  }
  return readPart(identifier, { text: text.slice(name.length + 1), position: position + name.length + 1 }, thisYear);
}

function readPart(identifier: Compiled, part: Part, thisYear: number): ParsedElement {
  const { text, offsets } = decodePercent(part);
  const short = identifier.ai === "01" && /^(\d{8}|\d{12,13})$/.test(text);
  const value = short ? text.padStart(14, "0") : text;
  try {
    return readValue(identifier, value, part.position, thisYear);
  } catch (error) {
    if (!(error instanceof Gs1Error)) throw error;
    const offset = Math.max(error.position - part.position - (value.length - text.length), 0);
    throw new Gs1Error(error.code, part.position + (offsets[offset] ?? part.text.length), error.message);
  }
}

/** The characters that %XX stand for, and where each of them begins. */
function decodePercent({ text, position }: Part): { text: string; offsets: number[] } {
  let decoded = "";
  const offsets: number[] = [];
  for (let at = 0; at < text.length; at++) {
    offsets.push(at);
    if (text.charAt(at) === "%") {
      const hex = text.slice(at + 1, at + 3);
      if (!/^[0-9A-Fa-f]{2}$/.test(hex)) {
        throw new Gs1Error("BAD_LINK", position + at, "% is followed by two hex digits in a link");
      }
      decoded += String.fromCharCode(Number.parseInt(hex, 16));
      at += 2;
    } else decoded += text.charAt(at);
  }
  return { text: decoded, offsets };
}

function split({ text, position }: Part, separator: RegExp): Part[] {
  let at = position;
  return text.split(separator).map((part) => {
    const found = { text: part, position: at };
    at += part.length + 1;
    return found;
  });
}

function firstOf(text: string, what: RegExp, from: number): number {
  const at = text.slice(from).search(what);
  return at < 0 ? text.length : from + at;
}

export interface LinkOptions extends ReadOptions {
  /** What stands before the primary key: "https://id.gs1.org" where it is left out; no slash at the end. */
  readonly prefix?: string;
}

/**
 * The GS1 Digital Link URI of elements: primary key and qualifiers in the path in the standard's order, all else in the
 * query by ascending identifier, so that the same elements always make the same link. Throws Gs1Error where an element has
 * no place in a link, and like `checkElements`.
 */
export function encodeDigitalLink(elements: readonly Element[], options: LinkOptions = {}): string {
  const checked = checkElements(elements, options);
  const distinct = checked.filter(({ ai }, index) => checked.findIndex((other) => other.ai === ai) === index);
  for (const key of distinct) {
    for (const sequence of identifierOf(key.ai)?.qualifiers ?? []) {
      const others = distinct.filter((element) => element !== key);
      const attributes = others.filter(({ ai }) => !sequence.includes(ai));
      if (!attributes.every(({ ai }) => identifierOf(ai)?.attribute)) continue;
      const qualifiers = sequence.flatMap((ai) => others.filter((element) => element.ai === ai));
      const path = [key, ...qualifiers].map(({ ai, value }) => `/${ai}/${encodePercent(value)}`).join("");
      const query = attributes
        .sort((one, other) => (one.ai < other.ai ? -1 : 1))
        .map(({ ai, value }) => `${ai}=${encodePercent(value)}`)
        .join("&");
      return (options.prefix ?? "https://id.gs1.org") + path + (query === "" ? "" : `?${query}`);
    }
  }
  const message =
    "these elements make no Digital Link: it needs one key, such as (01), with qualifiers and attributes that fit it";
  throw new Gs1Error("BAD_LINK", 0, message);
}

/** Everything but letters, digits and - . _ is written %XX. */
function encodePercent(value: string): string {
  return value.replace(/[^\w.-]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`);
}
