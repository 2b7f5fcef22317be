import { gs1CheckDigit, hasValidCheckDigit } from "../gs1/check-digit.js";
import { EpcError } from "./errors.js";
import type { EpcParts } from "./identity.js";
import type { Scheme } from "./schemes.js";

/** The GS1 key of company prefix and reference, with its check digit where it has one. */
export function keyOf(scheme: Scheme, { companyPrefix, reference }: EpcParts): string {
  if (scheme.key.form === "open") return companyPrefix + reference;
  const leading = scheme.key.form === "leading" ? 1 : 0;
  const digits = reference.slice(0, leading) + companyPrefix + reference.slice(leading);
  return digits + gs1CheckDigit(digits);
}

/** Company prefix and reference of a GS1 key; the inverse of `keyOf`. Throws EpcError for a key that is none. */
export function splitKey(
  name: string,
  scheme: Scheme,
  key: string,
  prefixLength: number,
): Pick<EpcParts, "companyPrefix" | "reference"> {
  const field = scheme.key.name;
  if (!Number.isInteger(prefixLength) || prefixLength < 6 || prefixLength > 12) {
    throw new EpcError("BAD_PARTITION", name, field, `a company prefix has 6 to 12 digits, not ${prefixLength}`);
  }
  if (scheme.key.form === "open") {
    return { companyPrefix: key.slice(0, prefixLength), reference: key.slice(prefixLength) };
  }
  if (key.length !== scheme.digits + 1) {
    throw new EpcError("BAD_VALUE", name, field, `it has ${scheme.digits + 1} digits, not ${key.length}`);
  }
  if (!hasValidCheckDigit(key)) throw new EpcError("BAD_CHECK_DIGIT", name, field, `"${key}" ends with a wrong one`);
  const leading = scheme.key.form === "leading" ? 1 : 0;
  const companyPrefix = key.slice(leading, leading + prefixLength);
  return { companyPrefix, reference: key.slice(0, leading) + key.slice(leading + prefixLength, -1) };
}

/** GS1 element string: each element with its Application Identifier in brackets. */
export function elementStringOf(scheme: Scheme, key: string, serial: string | undefined): string {
  // A GRAI is written with a filler digit in front and its serial without an identifier of its own.
  const start = `(${scheme.key.ai})${scheme.key.name === "grai" ? "0" : ""}${key}`;
  if (scheme.tail.kind === "reserved" || serial === undefined) return start;
  // Extension 0 means that there is none (TDS 2.3 §7.4).
  if (scheme.tail.name === "extension" && serial === "0") return start;
  return scheme.tail.ai === "" ? start + serial : `${start}(${scheme.tail.ai})${serial}`;
}
