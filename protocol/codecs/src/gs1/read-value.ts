import { CSET_82 } from "./check-characters.js";
import { digitsAt, fullYear, isoDate } from "./dates.js";
import { Gs1Error } from "./errors.js";
import type { CharacterSet, Compiled } from "./identifiers.js";
import type { ParsedElement } from "./parsed-element.js";

const SETS = { N: 1, X: 2, Y: 4, Z: 8 } as const satisfies Record<CharacterSet, number>;

const SET_WORDS = {
  N: "digits",
  X: "the characters of CSET 82",
  Y: "digits, capital letters and # - /",
  Z: "the characters of base64url",
} as const satisfies Record<CharacterSet, string>;

/** The sets that each ASCII character is in. */
const membership = new Uint8Array(128);
for (const [set, characters] of [
  ["N", "0123456789"],
  ["X", CSET_82],
  ["Y", "#-/0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"],
  ["Z", "-0123456789=ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"],
] as const) {
  for (const character of characters) {
    const code = character.charCodeAt(0);
    membership[code] = (membership[code] ?? 0) | SETS[set];
  }
}

/**
 * Checks the value of an identifier against its format and linters, and says what it means. `position` is where the value
 * begins in the whole text. Throws Gs1Error.
 */
export function readValue(identifier: Compiled, value: string, position: number, thisYear: number): ParsedElement {
  const { ai, components, checks } = identifier;
  let at = 0;
  for (let i = 0; i < components.length; i++) {
    const component = components[i];
    if (component === undefined) break;
    const left = value.length - at;
    if (left === 0 && component.optional) break;
    const length = Math.min(left, component.max);
    const mask = SETS[component.set];
    for (let j = at; j < at + length; j++) {
      if (((membership[value.charCodeAt(j)] ?? 0) & mask) === 0) {
        const found = JSON.stringify(value.charAt(j));
        const what = `(${ai}) ${identifier.title} has ${SET_WORDS[component.set]} here, not ${found}`;
        throw new Gs1Error("BAD_CHARACTER", position + j, what);
      }
    }
    if (length < component.min) {
      throw new Gs1Error("TOO_SHORT", position + value.length, `${lengthWords(identifier)}, not ${value.length}`);
    }
    for (const check of checks[i] ?? []) {
      const problem = check(value.slice(at, at + length), thisYear);
      if (problem !== undefined) {
        const [code, offset, message] = problem;
        throw new Gs1Error(code, position + at + offset, `(${ai}) ${identifier.title}: ${message}`);
      }
    }
    at += length;
  }
  if (at < value.length) {
    const hint = identifier.predefined
      ? ""
      : "; if another element follows, the FNC1 between them is missing: let the scanner send it";
    throw new Gs1Error("TOO_LONG", position + at, `${lengthWords(identifier)}, not ${value.length}${hint}`);
  }
  return { ai, value, title: identifier.title, position, ...meaning(identifier, value, thisYear) };
}

function lengthWords({ ai, title, minLength, maxLength }: Compiled): string {
  const range = minLength === maxLength ? String(maxLength) : `${minLength} to ${maxLength}`;
  return `(${ai}) ${title} has ${range} characters`;
}

function meaning({ ai, components }: Compiled, value: string, thisYear: number): Partial<ParsedElement> {
  const linter = components[0]?.linters[0];
  if (linter === "yymmd0" || linter === "yymmdd") return dateMeaning(ai, value, thisYear);
  if (linter === "yyyymmdd") {
    const date = isoDate(digitsAt(value, 0, 4), digitsAt(value, 4, 2), digitsAt(value, 6, 2));
    return { date: date + time(value, 8) };
  }
  if (ai.length === 4 && ai.charCodeAt(0) === 51) {
    // 31nn to 36nn and 39nn: the last digit counts the decimals; 391n and 393n have a currency in front.
    const amount = ai.startsWith("391") || ai.startsWith("393") ? value.slice(3) : value;
    return { decimal: withPoint(amount, Number(ai.charAt(3))) };
  }
  // 4330 to 4333: hundredths of a degree, a minus sign behind.
  if (ai.startsWith("433")) {
    return { decimal: (value.endsWith("-") ? "-" : "") + withPoint(value.slice(0, 6), 2) };
  }
  return {};
}

function dateMeaning(ai: string, value: string, thisYear: number): Partial<ParsedElement> {
  const date = shortDate(value, 0, thisYear);
  if (ai === "7007" && value.length === 12) return { date: `${date}/${shortDate(value, 6, thisYear)}` };
  const unspecified = value.startsWith("00", 4) ? ({ dayUnspecified: true } as const) : undefined;
  return { date: date + time(value, 6), ...unspecified };
}

function shortDate(value: string, at: number, thisYear: number): string {
  const year = fullYear(digitsAt(value, at, 2), thisYear);
  return isoDate(year, digitsAt(value, at + 2, 2), digitsAt(value, at + 4, 2));
}

/** HH, HHMM or HHMMSS from `at` on as `THH:MM[:SS]`. */
function time(value: string, at: number): string {
  if (value.length <= at) return "";
  const parts = value.slice(at).match(/../g) ?? [];
  return `T${parts.length === 1 ? `${parts[0]}:00` : parts.join(":")}`;
}

function withPoint(digits: string, decimals: number): string {
  if (decimals === 0) return digits.replace(/^0+(?=\d)/, "");
  const padded = digits.padStart(decimals + 1, "0");
  const whole = padded.slice(0, -decimals).replace(/^0+(?=\d)/, "");
  return `${whole}.${padded.slice(-decimals)}`;
}
