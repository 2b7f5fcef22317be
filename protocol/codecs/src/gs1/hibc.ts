import { hibcCheckCharacter } from "./check-mod43.js";
import { dateOfOrdinal, dateProblem, digitsAt, fullYear, isoDate, two } from "./dates.js";
import { type ReadOptions, yearOf } from "./element-string.js";
import { Gs1Error } from "./errors.js";
import type { ParsedElement } from "./parsed-element.js";

/** A HIBC barcode of ANSI/HIBC 2.6: primary data, secondary data, or both with a slash between. */
export interface Hibc {
  /** Labeler, product and unit of measure without + and check character, as registries have a UDI-DI. */
  readonly di?: string;
  /** Four characters, the first a letter. */
  readonly labeler?: string;
  readonly product?: string;
  /** 0 is a single unit, 1 to 8 the package levels above it, 9 a variable quantity. */
  readonly unitOfMeasure?: number;
  /**
   * Where primary and secondary data are in two symbols: the check character of the primary, which the secondary repeats
   * to say what it belongs to (appendix E).
   */
  readonly linkCharacter?: string;
  readonly elements: readonly ParsedElement[];
}

/** Date formats of the secondary data by their reference digit (ANSI/HIBC 2.6 §2.2). */
const DATE_FORMATS: Readonly<Record<string, string>> = {
  "2": "MMDDYY",
  "3": "YYMMDD",
  "4": "YYMMDDHH",
  "5": "YYJJJ",
  "6": "YYJJJHH",
  "7": "",
};

/** Reads a HIBC barcode, with or without the asterisks of its printed form. Throws Gs1Error. */
export function parseHibc(text: string, options: ReadOptions = {}): Hibc {
  return readHibc(text, 0, yearOf(options));
}

export function readHibc(text: string, from: number, thisYear: number): Hibc {
  let [start, end] = [from, text.length];
  if (text.charAt(start) === "*") start++;
  if (start > from && text.charAt(end - 1) === "*") end--;
  if (text.charAt(start) !== "+") throw new Gs1Error("NOT_RECOGNISED", start, "a HIBC barcode begins with +");
  if (end - start < 4) throw new Gs1Error("TOO_SHORT", end, "a HIBC barcode is longer than that");
  checkCharacter(text, start, end);
  const reader = new Reader(thisYear);
  const isPrimary = /[A-Z]/.test(text.charAt(start + 1));
  // Secondary data alone ends with a link character in front of the check character; both together have none.
  const bodyEnd = isPrimary ? end - 1 : end - 2;
  const parts = text.slice(start + 1, bodyEnd).split("/");
  let at = start + 1;
  for (const part of parts) {
    if (isPrimary && at === start + 1) reader.primary(part, at);
    else reader.following(part, at);
    at += part.length + 1;
  }
  const isConcatenated = isPrimary && parts.length > 1;
  const linkCharacter = text.charAt(bodyEnd).replace("_", " ");
  return { ...reader.key, ...(isConcatenated ? {} : { linkCharacter }), elements: reader.elements };
}

function checkCharacter(text: string, start: number, end: number): void {
  for (let at = start; at < end - 1; at++) {
    if (hibcCheckCharacter(text.charAt(at)) === undefined) {
      throw new Gs1Error(
        "BAD_CHARACTER",
        at,
        `HIBC has no ${JSON.stringify(text.charAt(at))}: only capital letters, digits and -. $/+%`,
      );
    }
  }
  const check = hibcCheckCharacter(text.slice(start, end - 1));
  // In print, an underscore stands for the blank.
  const found = text.charAt(end - 1) === "_" ? " " : text.charAt(end - 1);
  if (found !== check) {
    const blank = hibcCheckCharacter(text.slice(start, end)) === " " ? " (or a blank at the end was cut off)" : "";
    const message = `the check character is ${JSON.stringify(found)} and must be ${JSON.stringify(check)}${blank}: scan or type it again`;
    throw new Gs1Error("BAD_CHECK", end - 1, message);
  }
}

class Reader {
  readonly elements: ParsedElement[] = [];
  key: Pick<Hibc, "di" | "labeler" | "product" | "unitOfMeasure"> = {};
  private readonly thisYear: number;

  constructor(thisYear: number) {
    this.thisYear = thisYear;
  }

  primary(part: string, at: number): void {
    if (!/^[A-Z][A-Z0-9]{3}/.test(part)) {
      throw new Gs1Error("BAD_CHARACTER", at, "the labeler is a letter and three letters or digits");
    }
    if (part.length < 6 || part.length > 23) {
      const code = part.length < 6 ? "TOO_SHORT" : "TOO_LONG";
      throw new Gs1Error(
        code,
        at + Math.min(part.length, 23),
        "the product has 1 to 18 characters, and then comes one digit",
      );
    }
    const wrong = part.search(/[^A-Z0-9]/);
    if (wrong >= 0) throw new Gs1Error("BAD_CHARACTER", at + wrong, "a product has only capital letters and digits");
    if (!/\d$/.test(part)) {
      throw new Gs1Error(
        "BAD_VALUE",
        at + part.length - 1,
        "the unit of measure in front of the check character is a digit",
      );
    }
    const unitOfMeasure = Number(part.slice(-1));
    this.key = { di: part, labeler: part.slice(0, 4), product: part.slice(4, -1), unitOfMeasure };
    this.elements.push({ ai: "+", value: part, title: "PRIMARY", position: at });
  }

  /** Secondary data, or a supplement by its data identifier. */
  following(part: string, at: number): void {
    const date = /^(14D|16D)/.exec(part)?.[0];
    if (part.startsWith("$") || /^\d{5}/.test(part)) this.secondary(part, at);
    else if (date !== undefined) {
      const title = date === "14D" ? "EXPIRY" : "PROD DATE";
      this.date({ ai: date, title, value: part.slice(3), position: at + 3 }, "YYYYMMDD");
    } else if (part.startsWith("S")) this.name("S", "SERIAL", part.slice(1), at + 1);
    else if (part.startsWith("Q")) this.quantity("Q", part.slice(1), at + 1, /^\d{1,5}$/);
    else throw new Gs1Error("UNKNOWN_IDENTIFIER", at, "after a slash comes $, a date of five digits, 14D, 16D, S or Q");
  }

  private secondary(part: string, at: number): void {
    let reference = /^\$?\$?\+?/.exec(part)?.[0] ?? "";
    let used = reference.length;
    const isSerial = reference.endsWith("+");
    if (reference === "") this.date({ ai: "", title: "EXPIRY", value: part.slice(0, 5), position: at }, "YYJJJ");
    if (reference === "") used = 5;
    if (reference.startsWith("$$")) {
      const sized = /^[89]/.exec(part.slice(used))?.[0];
      if (sized !== undefined) {
        const digits = sized === "8" ? 2 : 5;
        this.quantity(
          reference + sized,
          part.slice(used + 1, used + 1 + digits),
          at + used + 1,
          new RegExp(`^\\d{${digits}}$`),
        );
        used += 1 + digits;
      }
      const format = part.charAt(used);
      if (format === "0" || format === "1") {
        this.date({ ai: reference, title: "EXPIRY", value: part.slice(used, used + 4), position: at + used }, "MMYY");
        used += 4;
      } else if (format in DATE_FORMATS) {
        reference += format;
        const pattern = DATE_FORMATS[format] ?? "";
        used++;
        if (pattern !== "") {
          this.date(
            { ai: reference, title: "EXPIRY", value: part.slice(used, used + pattern.length), position: at + used },
            pattern,
          );
        }
        used += pattern.length;
      } else if (part.length > used) {
        throw new Gs1Error(
          "BAD_VALUE",
          at + used,
          "after $$ and any quantity comes a digit for the date format, 0 to 7",
        );
      }
    }
    if (part.length > used) this.name(reference, isSerial ? "SERIAL" : "BATCH/LOT", part.slice(used), at + used);
  }

  /** Lot or serial. The standard has letters and digits; labels in use have - . and blanks too. */
  private name(ai: string, title: string, value: string, position: number): void {
    if (value === "") throw new Gs1Error("TOO_SHORT", position, `${title} is empty`);
    if (value.length > 18) throw new Gs1Error("TOO_LONG", position + 18, `${title} has at most 18 characters`);
    const wrong = value.search(/[^-A-Z0-9. ]/);
    if (wrong >= 0) throw new Gs1Error("BAD_CHARACTER", position + wrong, `${title} has capital letters and digits`);
    this.elements.push({ ai, title, value, position });
  }

  private quantity(ai: string, value: string, position: number, pattern: RegExp): void {
    if (!pattern.test(value))
      throw new Gs1Error("BAD_VALUE", position, "the quantity has digits only: 2 after 8, 5 after 9, up to 5 after Q");
    this.elements.push({ ai, title: "QUANTITY", value, position, decimal: String(Number(value)) });
  }

  /** Checks a date written in `pattern` and adds it. Years of two digits are near to today. */
  private date(element: ParsedElement, pattern: string): void {
    const { value, position } = element;
    if (!/^\d*$/.test(value) || value.length !== pattern.length) {
      throw new Gs1Error("BAD_DATE", position, `a date of ${pattern.length} digits is wanted here: ${pattern}`);
    }
    const field = (letters: string) => {
      const at = pattern.indexOf(letters);
      return at < 0 ? undefined : digitsAt(value, at, letters.length);
    };
    const year = field("YYYY") ?? fullYear(field("YY") ?? 0, this.thisYear);
    const dayOfYear = field("JJJ");
    const hour = field("HH");
    if (hour !== undefined && hour > 23)
      throw new Gs1Error("BAD_TIME", position + pattern.indexOf("HH"), `there is no hour ${hour}`);
    let date: string | undefined;
    let dayUnspecified = false;
    if (dayOfYear !== undefined) {
      date = dateOfOrdinal(year, dayOfYear);
      if (date === undefined) throw new Gs1Error("BAD_DATE", position + 2, `${year} has no day ${dayOfYear}`);
    } else {
      const [month, day] = [field("MM") ?? 0, field("DD") ?? 0];
      const problem = dateProblem(year, month, day, 0, pattern === "MMYY");
      if (problem !== undefined) {
        const unit = month < 1 || month > 12 ? "MM" : "DD";
        throw new Gs1Error("BAD_DATE", position + pattern.indexOf(unit), problem[2]);
      }
      date = isoDate(year, month, day);
      dayUnspecified = day === 0;
    }
    const time = hour === undefined ? "" : `T${two(hour)}:00`;
    this.elements.push({ ...element, date: date + time, ...(dayUnspecified ? { dayUnspecified: true } : {}) });
  }
}
