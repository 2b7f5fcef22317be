import type { Barcode, BarcodeResult, Flag, FlagCode, ProductionIdentifiers, Syntax } from "./barcode.js";
import { readBracketed } from "./bracketed.js";
import { gs1CheckDigit, hasValidCheckDigit } from "./check-digit.js";
import { readLink } from "./digital-link.js";
import { bracketed } from "./element.js";
import { FNC1, type ReadOptions, readElements, yearOf } from "./element-string.js";
import { Gs1Error } from "./errors.js";
import { addDayFlags, addPairFlags } from "./flags.js";
import { readHibc } from "./hibc.js";
import { readIsbt } from "./isbt.js";
import type { ParsedElement } from "./parsed-element.js";
import { separate } from "./separators.js";
import { type Swallowed, serialInLot, swallowedIn } from "./swallowed.js";
import { type Content, symbologyOf } from "./symbology.js";
import { gs1Identifiers, hibcIdentifiers, isbtIdentifiers, type Writable } from "./udi.js";

/** As many characters as the largest symbol holds (QR Code 40-L, alphanumeric). */
const MAX_LENGTH = 4296;

const GTIN_LENGTHS: ReadonlySet<number> = new Set([8, 12, 13, 14]);

/** What the readers below find; flags of their own, with positions in the text that was given. */
interface Reading {
  readonly syntax: Syntax;
  readonly agency: Barcode["agency"];
  readonly di: string | undefined;
  readonly pi: ProductionIdentifiers;
  readonly elements: readonly ParsedElement[];
  readonly flags: readonly Flag[];
  readonly linkCharacter?: string | undefined;
}

/**
 * What a barcode on a medical package says, from its text as a scanner sends it or a person types it: GS1 element strings
 * raw or bracketed, GS1 Digital Links, GTINs alone, HIBC, ISBT 128; with a symbology identifier in front or without.
 * Never throws for a text, and takes time in proportion to its length, which is bounded.
 */
export function parseBarcode(text: string, options: ReadOptions = {}): BarcodeResult {
  const thisYear = yearOf(options);
  try {
    return read(text, thisYear);
  } catch (error) {
    if (!(error instanceof Gs1Error)) throw error;
    const { code, position, message } = error;
    return { ok: false, error: { code, position, message } };
  }
}

function read(given: string, thisYear: number): Barcode {
  if (given.length > MAX_LENGTH) {
    throw new Gs1Error("INPUT_TOO_LONG", MAX_LENGTH, `no symbol holds more than ${MAX_LENGTH} characters`);
  }
  // Scanners end with a line break or tab. Blanks stay: one may be a HIBC check character.
  let end = given.length;
  while (end > 0 && "\r\n\t".includes(given.charAt(end - 1))) end--;
  const text = given.slice(0, end);
  const start = text.length - text.trimStart().length;
  const symbology = symbologyOf(text, start);
  const from = start + (symbology === undefined ? 0 : symbology.identifier.length);
  if (from >= text.length) throw new Gs1Error("EMPTY", from, "nothing was scanned");
  const reading = readContent(text, from, symbology?.content, thisYear);
  const { syntax, agency, di, pi, elements, flags } = reading;
  const barcode: Writable<Barcode> = { ok: true, agency, syntax, pi, elements, flags };
  if (symbology !== undefined) barcode.symbology = { identifier: symbology.identifier, name: symbology.name };
  if (di !== undefined) barcode.di = di;
  if (reading.linkCharacter !== undefined) barcode.linkCharacter = reading.linkCharacter;
  return barcode;
}

function readContent(text: string, from: number, content: Content | undefined, thisYear: number): Reading {
  const first = text.charAt(from);
  if (content === "elements") {
    if (first === "(") return gs1("bracketed", readBracketed(text, from, thisYear), []);
    if ("+=&*hH".includes(first)) {
      const message = "the symbology identifier says GS1 elements, and none follow";
      throw new Gs1Error("SYMBOLOGY_MISMATCH", from, message);
    }
    return readRaw(text, from, thisYear);
  }
  if (content === "gtin") return readGtin(text, from);
  if (first === "+" || text.startsWith("*+", from)) return readHibcBarcode(text, from, thisYear);
  if (first === "=" || first === "&") return readIsbtBarcode(text, from);
  if (first === "(") return gs1("bracketed", readBracketed(text, from, thisYear), []);
  if (/^https?:/i.test(text.slice(from, from + 6))) {
    return gs1("Digital Link", readLink(text.trimEnd(), from, thisYear), []);
  }
  if (/^\d+ *$/.test(text.slice(from)) && GTIN_LENGTHS.has(text.trimEnd().length - from)) {
    return readDigits(text.trimEnd(), from, thisYear);
  }
  if (first === FNC1 || /[\d\\<[{^|~@\u241d\u00e8\u00f8]/.test(first)) {
    const reading = readRaw(text, from, thisYear);
    if (content === undefined) return reading;
    const message = "the symbol has no FNC1 in front, so it does not say that it holds GS1 elements: tell the supplier";
    return { ...reading, flags: [...reading.flags, { code: "NOT_A_GS1_SYMBOL", message, position: from }] };
  }
  const message = "this is no GS1 element string, GTIN, Digital Link, HIBC or ISBT 128 barcode";
  throw new Gs1Error("NOT_RECOGNISED", from, message);
}

/** A raw element string, with whatever the scanner sends for FNC1. */
function readRaw(text: string, from: number, thisYear: number): Reading {
  const { text: separated, instead, original } = separate(text.slice(from));
  if (instead === undefined) return gs1Raw(readElements(text, from, thisYear), thisYear, []);
  try {
    const elements = readElements(separated, 0, thisYear);
    const placed = elements.map((element) => ({ ...element, position: from + original(element.position) }));
    const message = `the scanner sends ${JSON.stringify(instead)} for FNC1: set it to send the character 29 (GS)`;
    const position = from + text.slice(from).indexOf(instead);
    return gs1Raw(placed, thisYear, [{ code: "SEPARATOR_REPLACED", message, position }]);
  } catch (error) {
    if (!(error instanceof Gs1Error)) throw error;
    // Nothing sensible follows what was taken for FNC1: then it was a wrong character, and that is what to say.
    if (error.code === "UNKNOWN_IDENTIFIER") return gs1Raw(readElements(text, from, thisYear), thisYear, []);
    throw new Gs1Error(error.code, from + original(error.position), error.message);
  }
}

function gs1Raw(elements: readonly ParsedElement[], thisYear: number, given: readonly Flag[]): Reading {
  const flags = [...given];
  for (const found of swallowedIn(elements, thisYear)) flags.push(swallowedFlag("MAY_HAVE_SWALLOWED", elements, found));
  const serial = flags.length === 0 ? serialInLot(elements) : undefined;
  if (serial !== undefined) flags.push(swallowedFlag("MAY_HOLD_SERIAL", elements, serial));
  return gs1("element string", elements, flags);
}

function swallowedFlag(
  code: FlagCode,
  elements: readonly ParsedElement[],
  { index, position, reading }: Swallowed,
): Flag {
  const element = elements[index];
  const name = `(${element?.ai}) ${element?.title}`;
  const message = `${name} may be ${bracketed(reading)}: an FNC1 seems to be missing, compare with the print`;
  return { code, message, position, reading };
}

function gs1(syntax: Syntax, elements: readonly ParsedElement[], given: readonly Flag[]): Reading {
  const flags = [...given];
  addDayFlags(elements, flags);
  addPairFlags(elements, flags);
  const { di, pi } = gs1Identifiers(elements);
  return { agency: "GS1", syntax, di, pi, elements, flags };
}

/** Digits without a symbology identifier that are as long as a GTIN. */
function readDigits(text: string, from: number, thisYear: number): Reading {
  const digits = text.slice(from);
  // A linear symbol may hold a date alone; nothing else so short has a shape that chance does not make.
  const isDate = digits.length === 8 && /^1[13567]/.test(digits) && isReadable(text, from, thisYear);
  if (!isDate) return readGtin(text, from);
  if (!hasValidCheckDigit(digits)) return gs1Raw(readElements(text, from, thisYear), thisYear, []);
  const reading = readGtin(text, from);
  const message = `it can be (${digits.slice(0, 2)})${digits.slice(2)} too: let the scanner send symbology identifiers`;
  return { ...reading, flags: [...reading.flags, { code: "AMBIGUOUS", message, position: from }] };
}

function isReadable(text: string, from: number, thisYear: number): boolean {
  try {
    readElements(text, from, thisYear);
    return true;
  } catch (error) {
    if (error instanceof Gs1Error) return false;
    throw error;
  }
}

function readGtin(text: string, from: number): Reading {
  const digits = text.slice(from).trimEnd();
  const wrong = digits.search(/\D/);
  if (wrong >= 0) throw new Gs1Error("BAD_CHARACTER", from + wrong, "a GTIN has digits only");
  if (!GTIN_LENGTHS.has(digits.length)) {
    const code = digits.length < 14 ? "TOO_SHORT" : "TOO_LONG";
    throw new Gs1Error(
      code,
      from + Math.min(digits.length, 14),
      `a GTIN has 8, 12, 13 or 14 digits, not ${digits.length}`,
    );
  }
  if (!hasValidCheckDigit(digits)) {
    const check = gs1CheckDigit(digits.slice(0, -1));
    const message = `the check digit is ${digits.slice(-1)} and must be ${check}: scan or type it again`;
    throw new Gs1Error("BAD_CHECK", from + digits.length - 1, message);
  }
  return gs1("GTIN", [{ ai: "01", value: digits.padStart(14, "0"), title: "GTIN", position: from }], []);
}

function readHibcBarcode(text: string, from: number, thisYear: number): Reading {
  const { di, elements, linkCharacter } = readHibc(text, from, thisYear);
  const flags: Flag[] = [];
  addDayFlags(elements, flags);
  return { agency: "HIBCC", syntax: "HIBC", di, pi: hibcIdentifiers(elements), elements, flags, linkCharacter };
}

function readIsbtBarcode(text: string, from: number): Reading {
  const { elements, notInterpreted } = readIsbt(text, from);
  const flags = notInterpreted.map(({ ai, position }): Flag => {
    return { code: "NOT_INTERPRETED", message: `${ai} is kept as it stands`, position };
  });
  const { di, pi } = isbtIdentifiers(elements);
  return { agency: "ICCBBA", syntax: "ISBT 128", di, pi, elements, flags };
}
