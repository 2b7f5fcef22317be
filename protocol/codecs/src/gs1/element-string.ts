import { associationsOf } from "./associations.js";
import { localToday } from "./dates.js";
import type { Element } from "./element.js";
import { Gs1Error } from "./errors.js";
import { compiledOf, identifierAt, identifierOf } from "./identifiers.js";
import type { ParsedElement } from "./parsed-element.js";
import { readValue } from "./read-value.js";

/** FNC1 as scanners send it: the ASCII group separator (General Specifications §7.8.6). */
export const FNC1 = "\x1d";
const FNC1_CODE = 29;

export interface ReadOptions {
  /** 'YYYY-MM-DD': what years of two digits are near to. The local date where it is left out. */
  readonly today?: string;
}

/**
 * The elements of a GS1 element string as a symbol carries it: identifiers and values without brackets, FNC1 (0x1D) where
 * the standard wants one. One FNC1 in front, and one after an element that needs none, do no harm. Pairings of
 * identifiers are not looked at: see `associationsOf`. Throws Gs1Error.
 */
export function parseElementString(text: string, options: ReadOptions = {}): ParsedElement[] {
  return readElements(text, 0, yearOf(options));
}

/** As `parseElementString`, of the text from `from` on; positions count from the start of the text. */
export function readElements(text: string, from: number, thisYear: number): ParsedElement[] {
  const elements: ParsedElement[] = [];
  let at = text.charCodeAt(from) === FNC1_CODE ? from + 1 : from;
  if (at >= text.length) throw new Gs1Error("EMPTY", at, "no element is there");
  let separator = -1;
  while (at < text.length) {
    const identifier = identifierAt(text, at);
    if (identifier === undefined) throw unknownIdentifier(text, at);
    const start = at + identifier.ai.length;
    if (separator < start) {
      separator = text.indexOf(FNC1, start);
      if (separator < 0) separator = text.length;
    }
    const end = identifier.predefined ? Math.min(start + identifier.maxLength, separator) : separator;
    elements.push(readValue(identifier, text.slice(start, end), start, thisYear));
    at = text.charCodeAt(end) === FNC1_CODE ? end + 1 : end;
  }
  return elements;
}

/** The element string of elements in their order, with FNC1 where one is needed. Throws Gs1Error like `checkElements`. */
export function encodeElementString(elements: readonly Element[], options: ReadOptions = {}): string {
  checkElements(elements, options);
  let text = "";
  elements.forEach(({ ai, value }, index) => {
    text += ai + value;
    if (index < elements.length - 1 && identifierOf(ai)?.predefined === false) text += FNC1;
  });
  return text;
}

/**
 * Checks elements that are to be written: every value and every pairing, a missing companion included. Positions in errors
 * count within the bracketed form of the elements. Throws Gs1Error.
 */
export function checkElements(elements: readonly Element[], options: ReadOptions = {}): ParsedElement[] {
  if (elements.length === 0) throw new Gs1Error("EMPTY", 0, "no element is there");
  const thisYear = yearOf(options);
  let at = 0;
  const parsed = elements.map(({ ai, value }) => {
    const identifier = compiledOf(ai);
    if (identifier === undefined) throw new Gs1Error("UNKNOWN_IDENTIFIER", at + 1, `there is no identifier (${ai})`);
    const element = readValue(identifier, value, at + ai.length + 2, thisYear);
    at += ai.length + 2 + value.length;
    return element;
  });
  const [first] = associationsOf(parsed);
  if (first !== undefined) {
    const position = (parsed[first.index]?.position ?? 0) - (parsed[first.index]?.ai.length ?? 0) - 1;
    throw new Gs1Error(first.code, position, first.message);
  }
  return parsed;
}

export function yearOf({ today }: ReadOptions): number {
  const date = today ?? localToday();
  const year = Number(/^(\d{4})-\d\d-\d\d$/.exec(date)?.[1]);
  if (Number.isNaN(year)) throw new RangeError(`today is written YYYY-MM-DD, not "${date}"`);
  return year;
}

function unknownIdentifier(text: string, at: number): Gs1Error {
  const found = JSON.stringify(text.slice(at, at + 4));
  const message = `no Application Identifier begins with ${found}: is this a GS1 barcode, and was it read whole?`;
  return new Gs1Error("UNKNOWN_IDENTIFIER", at, message);
}
