import { dateOfOrdinal, digitsAt } from "./dates.js";
import { Gs1Error } from "./errors.js";
import type { ParsedElement } from "./parsed-element.js";
import { type IsbtStructure, isbtStructures } from "./tables/isbt.js";

/** The characters of ISO/IEC 7064 MOD 37-2 in the order of their values. */
const MOD_37 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ*";

export interface Isbt {
  readonly elements: readonly ParsedElement[];
  /** Identifiers of structures that are kept as they stand, with their position. */
  readonly notInterpreted: readonly ParsedElement[];
}

/**
 * The data structures of an ISBT 128 barcode, alone, one after another or in a compound message. Structures that carry no
 * part of a UDI and are not in the table are kept uninterpreted up to the next = or &. Throws Gs1Error.
 */
export function parseIsbt(text: string): Isbt {
  return readIsbt(text, 0);
}

export function readIsbt(text: string, from: number): Isbt {
  const elements: ParsedElement[] = [];
  const notInterpreted: ParsedElement[] = [];
  let at = from;
  while (at < text.length) {
    const identifier = identifierAt(text, at);
    const content = isbtStructures[identifier];
    const start = at + identifier.length;
    const next = start + Math.max(text.slice(start).search(/[=&]/), -1);
    const limit = next < start ? text.length : next;
    if (content === undefined) {
      const element = {
        ai: identifier,
        title: "OTHER DATA",
        value: text.slice(start, limit).trimEnd(),
        position: start,
      };
      elements.push(element);
      notInterpreted.push(element);
      at = limit;
      continue;
    }
    const end = Math.min(start + content.length, limit);
    const value = text.slice(start, end).trimEnd();
    elements.push(readStructure(identifier, content, value, start));
    at = end;
    while (text.charAt(at) === " ") at++;
  }
  checkCount(elements);
  return { elements, notInterpreted };
}

function identifierAt(text: string, at: number): string {
  const first = text.charAt(at);
  const second = text.charAt(at + 1);
  if ((first !== "=" && first !== "&") || second === "") {
    const message = "an ISBT 128 data identifier begins with = or &: is the structure before it too long?";
    throw new Gs1Error("UNKNOWN_IDENTIFIER", at, message);
  }
  // The second character of a donation identification number's identifier is its first character too (§2.4.1).
  if (first === "=" && /[A-NP-Z1-9]/.test(second)) return "=";
  return text.startsWith("&,", at) ? text.slice(at, at + 3) : first + second;
}

function readStructure(
  ai: string,
  { title, length, pattern, meaning }: IsbtStructure,
  value: string,
  position: number,
): ParsedElement {
  if (value.length < length && ai !== "&,1") {
    throw new Gs1Error("TOO_SHORT", position + value.length, `${title} has ${length} characters, not ${value.length}`);
  }
  if (!pattern.test(value)) {
    throw new Gs1Error("BAD_CHARACTER", position, `${title} cannot be ${JSON.stringify(value)}`);
  }
  const element = { ai, title, value, position };
  if (meaning === "date" || meaning === "date and time") return { ...element, date: dateOf(value, position) };
  if (meaning === "din") checkFlags(value, position);
  return element;
}

/** cyyjjj, and perhaps hhmm: century (0 is 2000, 9 is 1900), year, day of the year. */
function dateOf(value: string, position: number): string {
  const century = digitsAt(value, 0, 1);
  const year = (century === 9 ? 1900 : 2000 + century * 100) + digitsAt(value, 1, 2);
  const date = dateOfOrdinal(year, digitsAt(value, 3, 3));
  if (date === undefined) throw new Gs1Error("BAD_DATE", position + 3, `${year} has no day ${value.slice(3, 6)}`);
  if (value.length === 6) return date;
  const [hour, minute] = [value.slice(6, 8), value.slice(8, 10)];
  if (Number(hour) > 23) throw new Gs1Error("BAD_TIME", position + 6, `there is no hour ${hour}`);
  if (Number(minute) > 59) throw new Gs1Error("BAD_TIME", position + 8, `there is no minute ${minute}`);
  return `${date}T${hour}:${minute}`;
}

/** Flags 60 to 96 are the check value of the 13 characters before them, plus 60 (ST-001 table RT004). */
function checkFlags(din: string, position: number): void {
  const flags = Number(din.slice(13));
  if (!(flags >= 60 && flags <= 96)) return;
  const check = checkValue(din.slice(0, 13)) + 60;
  if (flags !== check) {
    const message = `the check value of the donation is ${flags} and must be ${check}: scan or type it again`;
    throw new Gs1Error("BAD_CHECK", position + 13, message);
  }
}

function checkCount(elements: readonly ParsedElement[]): void {
  const [head, ...rest] = elements;
  if (head?.ai !== "=+") return;
  const count = Number(head.value.slice(0, 2));
  if (count !== rest.length) {
    const message = `the message announces ${count} structures and has ${rest.length}: it was not read whole`;
    throw new Gs1Error("BAD_COUNT", head.position, message);
  }
}

/**
 * The check character that is printed beside a donation identification number for typing it in (ISO/IEC 7064 MOD 37-2,
 * ST-001 appendix A): of its 13 characters without flags. Throws RangeError on anything else.
 */
export function dinCheckCharacter(din: string): string {
  if (!/^[A-Z0-9]{13}$/.test(din)) throw new RangeError(`13 letters and digits have a check character, not "${din}"`);
  return MOD_37.charAt(checkValue(din));
}

function checkValue(text: string): number {
  let sum = 0;
  for (const character of text) sum = ((sum + MOD_37.indexOf(character)) * 2) % 37;
  return (38 - sum) % 37;
}
