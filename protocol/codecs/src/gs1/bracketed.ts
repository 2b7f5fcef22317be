import { type ReadOptions, yearOf } from "./element-string.js";
import { Gs1Error } from "./errors.js";
import { compiledOf, identifierOf } from "./identifiers.js";
import type { ParsedElement } from "./parsed-element.js";
import { readValue } from "./read-value.js";

/**
 * The elements of the form for people, `(01)09506000134352(10)AB-123` (General Specifications §4.14). Blanks beside the
 * brackets are let pass, for labels print them. A value that itself holds an identifier in brackets, as CSET 82 allows,
 * cannot be told from two elements and is read as two. Throws Gs1Error.
 */
export function parseBracketed(text: string, options: ReadOptions = {}): ParsedElement[] {
  return readBracketed(text, 0, yearOf(options));
}

export function readBracketed(text: string, from: number, thisYear: number): ParsedElement[] {
  const elements: ParsedElement[] = [];
  let at = skipBlanks(text, from);
  if (at >= text.length) throw new Gs1Error("EMPTY", at, "no element is there");
  while (at < text.length) {
    const ai = bracketAt(text, at);
    if (ai === undefined) {
      throw new Gs1Error("UNKNOWN_IDENTIFIER", at, "an identifier of 2 to 4 digits in brackets is wanted here: (01)");
    }
    const identifier = compiledOf(ai);
    if (identifier === undefined) throw new Gs1Error("UNKNOWN_IDENTIFIER", at + 1, `there is no identifier (${ai})`);
    const start = skipBlanks(text, at + ai.length + 2);
    let next = text.indexOf("(", start);
    while (next >= 0 && identifierOf(bracketAt(text, next) ?? "") === undefined) next = text.indexOf("(", next + 1);
    const end = next < 0 ? text.length : next;
    elements.push(readValue(identifier, text.slice(start, trimmedEnd(text, start, end)), start, thisYear));
    at = end;
  }
  return elements;
}

function bracketAt(text: string, at: number): string | undefined {
  return /^\((\d{2,4})\)/.exec(text.slice(at, at + 6))?.[1];
}

function skipBlanks(text: string, from: number): number {
  let at = from;
  while (text.charAt(at) === " ") at++;
  return at;
}

function trimmedEnd(text: string, start: number, end: number): number {
  let at = end;
  while (at > start && text.charAt(at - 1) === " ") at--;
  return at;
}
