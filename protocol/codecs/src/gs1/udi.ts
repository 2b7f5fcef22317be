import type { ProductionIdentifiers } from "./barcode.js";
import { Gs1Error } from "./errors.js";
import type { ParsedElement } from "./parsed-element.js";

interface Identifiers {
  readonly di: string | undefined;
  readonly pi: ProductionIdentifiers;
}

export type Writable<T> = { -readonly [K in keyof T]: T[K] };

/**
 * GS1: the DI is the GTIN, or the made-to-order GTIN (03). Only (17) and (7003) are an expiry; best before (15) and sell by
 * (16) mean something else and stay elements.
 */
export function gs1Identifiers(elements: readonly ParsedElement[]): Identifiers {
  const pi: Writable<ProductionIdentifiers> = {};
  let di: string | undefined;
  for (const { ai, value, date } of elements) {
    switch (ai) {
      case "01":
        di = value;
        break;
      case "03":
        di ??= value;
        break;
      case "10":
        pi.lot = value;
        break;
      case "21":
        pi.serial = value;
        break;
      case "11":
        if (date !== undefined) pi.productionDate = date;
        break;
      case "17":
        if (date !== undefined) pi.expiry ??= date;
        break;
      case "7003":
        if (date !== undefined) setExpiry(pi, date);
        break;
    }
  }
  return { di, pi };
}

/** HIBC: a serial may be given twice, in the secondary data and in a supplement; they must be the same. */
export function hibcIdentifiers(elements: readonly ParsedElement[]): ProductionIdentifiers {
  const pi: Writable<ProductionIdentifiers> = {};
  const set = (name: "lot" | "serial" | "expiry" | "productionDate", value: string, position: number) => {
    if (pi[name] !== undefined && pi[name] !== value) {
      throw new Gs1Error("CONFLICT", position, `${name} is there twice with different values`);
    }
    pi[name] = value;
  };
  for (const { ai, title, value, date, position } of elements) {
    if (title === "BATCH/LOT") set("lot", value, position);
    else if (title === "SERIAL") set("serial", value, position);
    else if (ai === "16D" && date !== undefined) set("productionDate", date, position);
    else if (title === "EXPIRY" && date !== undefined) {
      set("expiry", date.slice(0, 10), position);
      if (date.length > 10) setExpiry(pi, date);
    }
  }
  return pi;
}

/**
 * ICCBBA: the DI is the processor product identification code, the serial the product divisions; for blood containers they
 * are the container's manufacturer and catalogue number, and its lot (FDA, UDI formats by issuing agency).
 */
export function isbtIdentifiers(elements: readonly ParsedElement[]): Identifiers {
  const pi: Writable<ProductionIdentifiers> = {};
  let di: string | undefined;
  for (const { ai, value, date } of elements) {
    if (ai === "=/" || (ai === "=)" && di === undefined)) di = value;
    else if (ai === "=,") pi.serial = value;
    else if (ai === "&,1" || (ai === "&)" && pi.lot === undefined)) pi.lot = value;
    else if (ai === "=") pi.donationIdentificationNumber = value.slice(0, 13);
    else if ((ai === "=>" || ai === "&>") && date !== undefined) setExpiry(pi, date);
    else if ((ai === "=}" || ai === "&}") && date !== undefined) pi.productionDate = date.slice(0, 10);
  }
  return { di, pi };
}

/** Splits a date with a time. */
function setExpiry(pi: Writable<ProductionIdentifiers>, date: string): void {
  pi.expiry = date.slice(0, 10);
  if (date.length > 10) pi.expiryTime = date.slice(11, 16);
}
