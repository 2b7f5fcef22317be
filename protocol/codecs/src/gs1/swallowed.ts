import { digitsAt } from "./dates.js";
import type { Element } from "./element.js";
import { readElements } from "./element-string.js";
import { Gs1Error } from "./errors.js";
import { identifierOf } from "./identifiers.js";
import type { ParsedElement } from "./parsed-element.js";

/** Years from today in which a date on a package is likely: [back, ahead], by identifier. */
const LIKELY_YEARS: Readonly<Record<string, readonly [number, number]>> = {
  "11": [20, 1],
  "13": [20, 1],
  "15": [5, 15],
  "16": [5, 15],
  "17": [5, 15],
};

/** What usually stands on a package behind such a date. */
const USUAL_AFTER = new Set(["10", "21", "30", "37", "240", "241"]);

/** How a value reads if an FNC1 is missing in it. */
export interface Swallowed {
  /** Index of the element whose value is too long. */
  readonly index: number;
  /** Where in the text the missing FNC1 belongs. */
  readonly position: number;
  /** The elements that the one may be. */
  readonly reading: readonly Element[];
}

/**
 * Values of variable length that may have swallowed the elements after them for want of an FNC1: `10ABC17270531`. Nothing
 * in a value can prove it, so only an end that is hardly there by chance counts: a date identifier with a date near to
 * today, or a GTIN or SSCC with its check digit, none of them in the barcode already, and behind it nothing but elements
 * that usually follow. A serial number behind a lot (`10ABC21XYZ`) has no such mark and is not reported.
 */
export function swallowedIn(elements: readonly ParsedElement[], thisYear: number): Swallowed[] {
  const found: Swallowed[] = [];
  for (let index = 0; index < elements.length; index++) {
    const element = elements[index];
    if (element === undefined || element.value.length < 9) continue;
    const identifier = identifierOf(element.ai);
    if (identifier === undefined || identifier.predefined || identifier.minLength === identifier.maxLength) continue;
    const swallowed = readingOf(element, elements, thisYear);
    if (swallowed !== undefined) found.push({ index, ...swallowed });
  }
  return found;
}

/** Lots are seldom as long as this; one that has swallowed a serial number is. */
const LONG_LOT = 12;

/**
 * A lot at the end that may hold a serial number, `1727053110AB-123216789`, which is how most labels read when a scanner
 * drops FNC1. 21 inside a lot proves little, so only a long lot counts, with room on both sides of it, and only where no
 * FNC1 and no serial number is in the barcode; what was dropped from others shows in no other way.
 */
export function serialInLot(elements: readonly ParsedElement[]): Swallowed | undefined {
  const index = elements.length - 1;
  const lot = elements[index];
  if (lot?.ai !== "10" || lot.value.length < LONG_LOT) return undefined;
  if (elements.some(({ ai }, at) => ai === "21" || (at < index && identifierOf(ai)?.predefined !== true)))
    return undefined;
  const { value, position } = lot;
  const cut = value.indexOf("21", 3);
  if (cut < 0 || cut > value.length - 5) return undefined;
  const reading = [
    { ai: "10", value: value.slice(0, cut) },
    { ai: "21", value: value.slice(cut + 2) },
  ];
  return { index, position: position + cut, reading };
}

function readingOf(
  { ai, value, position }: ParsedElement,
  all: readonly ParsedElement[],
  thisYear: number,
): Omit<Swallowed, "index"> | undefined {
  for (let cut = 1; cut <= value.length - 8; cut++) {
    if (!isMark(value, cut, thisYear)) continue;
    const rest = elementsFrom(value, cut, thisYear);
    if (rest === undefined) continue;
    const isNew = rest.every((element) => element.ai !== ai && !all.some((other) => other.ai === element.ai));
    const [, ...after] = rest;
    const usual = after.every((element) => element.ai in LIKELY_YEARS || USUAL_AFTER.has(element.ai));
    if (!isNew || !usual || new Set(rest.map((element) => element.ai)).size < rest.length) continue;
    const reading = [
      { ai, value: value.slice(0, cut) },
      ...rest.map((element) => ({ ai: element.ai, value: element.value })),
    ];
    return { position: position + cut, reading };
  }
  return undefined;
}

/** Whether an element begins at `at` that is hardly there by chance. */
function isMark(value: string, at: number, thisYear: number): boolean {
  const ai = value.slice(at, at + 2);
  const years = LIKELY_YEARS[ai];
  if (years === undefined) return (ai === "01" && value.length >= at + 16) || (ai === "00" && value.length >= at + 20);
  const year = digitsAt(value, at + 2, 2) + (thisYear - (thisYear % 100));
  return year >= thisYear - years[0] && year <= thisYear + years[1];
}

function elementsFrom(value: string, at: number, thisYear: number): ParsedElement[] | undefined {
  try {
    return readElements(value, at, thisYear);
  } catch (error) {
    if (error instanceof Gs1Error) return undefined;
    throw error;
  }
}
