/**
 * "82" and "39": GS1 AI encodable character sets (General Specifications, figures 7.11-1 and 7.11-2). "cage": CAGE code or
 * DoDAAC (TDS 2.3 §6.3.17). "part" and "part serial": ADI part number and serial number (§14.6.14).
 */
export type CharacterSet = "82" | "39" | "digits" | "cage" | "part" | "part serial";

const patterns: Readonly<Record<CharacterSet, RegExp>> = {
  "82": /^[!"%-?A-Z_a-z]*$/,
  "39": /^[#\-/0-9A-Z]*$/,
  digits: /^\d*$/,
  cage: /^[0-9A-HJ-NP-Z]{5,6}$/,
  part: /^[-/0-9A-Z]*$/,
  "part serial": /^#?[-/0-9A-Z]*$/,
};

export function inSet(set: CharacterSet, text: string): boolean {
  return patterns[set].test(text);
}

/** Escapes what an EPC URI may not hold as it is (TDS 2.3 tables A-1 and G-1). */
export function escapeForUri(text: string): string {
  return text.replace(/["#%&/<>?]/g, escaped);
}

/** Escapes all but the unreserved characters of RFC 3986, as GS1 Digital Link URIs have it. */
export function escapeForLink(text: string): string {
  return text.replace(/[^\w.~-]/g, escaped);
}

/** The inverse of both; undefined where a percent sign is followed by no two hex digits, or by no character. */
export function unescaped(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

/** Of ASCII, which is all that EPCs hold. */
function escaped(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`;
}
