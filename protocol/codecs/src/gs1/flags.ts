import { associationsOf } from "./associations.js";
import type { Flag } from "./barcode.js";
import { Gs1Error } from "./errors.js";
import type { ParsedElement } from "./parsed-element.js";

/** Throws Gs1Error CONFLICT where one identifier has two values; the other pairings are flags. */
export function addPairFlags(elements: readonly ParsedElement[], flags: Flag[]): void {
  for (const { code, index, message } of associationsOf(elements)) {
    const position = elements[index]?.position ?? 0;
    if (code === "CONFLICT") throw new Gs1Error(code, position, message);
    const advice = code === "MISSING_COMPANION" ? ": if it is in another symbol on the item, scan that too" : "";
    flags.push({ code, position, message: message + advice });
  }
}

export function addDayFlags(elements: readonly ParsedElement[], flags: Flag[]): void {
  for (const { title, date, dayUnspecified, position } of elements) {
    if (dayUnspecified !== true) continue;
    const message = `${title} has no day: it means the last of the month, ${date?.slice(0, 10)}`;
    flags.push({ code: "DAY_UNSPECIFIED", message, position });
  }
}
