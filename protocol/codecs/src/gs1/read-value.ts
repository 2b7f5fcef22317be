import { SET_WORDS, strangerIn } from "./character-sets.js";
import { digitsAt, fullYear, isoDate } from "./dates.js";
import { Gs1Error } from "./errors.js";
import type { Compiled } from "./identifiers.js";
import type { ParsedElement } from "./parsed-element.js";

/**
 * Checks the value of an identifier against its format and linters, and says what it means. `position` is where the value
 * begins in the whole text. Throws Gs1Error.
 */
export function readValue(identifier: Compiled, value: string, position: number, thisYear: number): ParsedElement {
  const { ai, title, steps } = identifier;
  let at = 0;
  for (const step of steps) {
    if (at === value.length && step.optional) break;
    const end = Math.min(value.length, at + step.max);
    const stranger = strangerIn(value, at, end, step.mask);
    if (stranger >= 0) {
      const what = `(${ai}) ${title} has ${SET_WORDS[step.set]} here, not ${JSON.stringify(value.charAt(stranger))}`;
      throw new Gs1Error("BAD_CHARACTER", position + stranger, what);
    }
    if (end - at < step.min) {
      throw new Gs1Error("TOO_SHORT", position + value.length, `${lengthWords(identifier)}, not ${value.length}`);
    }
    const part = end - at === value.length ? value : value.slice(at, end);
    for (const check of step.checks) {
      const problem = check(part, thisYear);
      if (problem !== undefined) {
        const [code, offset, message] = problem;
        throw new Gs1Error(code, position + at + offset, `(${ai}) ${title}: ${message}`);
      }
    }
    at = end;
  }
  if (at < value.length) {
    const hint = identifier.predefined
      ? ""
      : "; if another element follows, the FNC1 between them is missing: let the scanner send it";
    throw new Gs1Error("TOO_LONG", position + at, `${lengthWords(identifier)}, not ${value.length}${hint}`);
  }
  return meant(identifier, value, position, thisYear);
}

function lengthWords({ ai, title, minLength, maxLength }: Compiled): string {
  const range = minLength === maxLength ? String(maxLength) : `${minLength} to ${maxLength}`;
  return `(${ai}) ${title} has ${range} characters`;
}

function meant({ ai, title, meaning }: Compiled, value: string, position: number, thisYear: number): ParsedElement {
  switch (meaning) {
    case "text":
      return { ai, value, title, position };
    case "date": {
      const date = shortDate(value, 0, thisYear);
      if (ai === "7007" && value.length === 12) {
        return { ai, value, title, position, date: `${date}/${shortDate(value, 6, thisYear)}` };
      }
      if (value.startsWith("00", 4)) return { ai, value, title, position, date, dayUnspecified: true };
      return { ai, value, title, position, date: value.length === 6 ? date : date + time(value, 6) };
    }
    case "long date": {
      const date = `${value.slice(0, 4)}-${value.slice(4, 6)}-${value.slice(6, 8)}${time(value, 8)}`;
      return { ai, value, title, position, date };
    }
    case "decimal": {
      // The last digit of the identifier counts the decimals; 391n and 393n have a currency in front.
      const amount = ai.startsWith("391") || ai.startsWith("393") ? value.slice(3) : value;
      return { ai, value, title, position, decimal: withPoint(amount, Number(ai.charAt(3))) };
    }
    case "temperature": {
      // Hundredths of a degree, a minus sign behind.
      const sign = value.endsWith("-") ? "-" : "";
      return { ai, value, title, position, decimal: sign + withPoint(value.slice(0, 6), 2) };
    }
  }
}

function shortDate(value: string, at: number, thisYear: number): string {
  const year = fullYear(digitsAt(value, at, 2), thisYear);
  const day = digitsAt(value, at + 4, 2);
  if (day === 0) return isoDate(year, digitsAt(value, at + 2, 2), 0);
  return `${Math.trunc(year / 100)}${value.slice(at, at + 2)}-${value.slice(at + 2, at + 4)}-${value.slice(at + 4, at + 6)}`;
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
