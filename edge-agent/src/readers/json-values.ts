/** Whole words, at most 496 bits (C1G2 §6.3.2.1.2.2). */
const EPC = /^(?:[0-9A-F]{4}){1,31}$/;
const TID = /^(?:[0-9A-F]{4}){2,32}$/;
const PC = /^[0-9A-F]{4}$/;
const BASE64 = /^[A-Za-z0-9+/_-]{2,}={0,2}$/;
/** Where a reader tells no RSSI: weaker than any tag, so that it decides nothing. */
const NO_RSSI = -100;

/** Nested deeper than this, JSON is no message of a reader. */
const MAX_DEPTH = 32;
/** Too short to be deep enough to matter. */
const SHORT = 1_024;

export type JsonRecord = Readonly<Record<string, unknown>>;

export function isRecord(value: unknown): value is JsonRecord {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The value that `text` holds; undefined where it is no JSON or nested too deep. Its size is for the caller to bound. */
export function parseJson(text: string): unknown {
  if (text.length > SHORT && depthOf(text) > MAX_DEPTH) return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function depthOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  let quoted = false;
  for (let at = 0; at < text.length; at++) {
    const char = text.charCodeAt(at);
    if (quoted) {
      if (char === 0x5c) at++;
      else if (char === 0x22) quoted = false;
    } else if (char === 0x22) quoted = true;
    else if (char === 0x7b || char === 0x5b) deepest = Math.max(deepest, ++depth);
    else if (char === 0x7d || char === 0x5d) depth--;
  }
  return deepest;
}

/** Upper-case hex out of hex, or of base64 where there is no hex; undefined where it is no EPC. */
export function epcOf(hex: unknown, base64?: unknown): string | undefined {
  const text = hexOf(hex) ?? hexOfBase64(base64);
  return text !== undefined && EPC.test(text) ? text : undefined;
}

export function tidOf(hex: unknown, base64?: unknown): string | undefined {
  const text = hexOf(hex) ?? hexOfBase64(base64);
  return text !== undefined && TID.test(text) ? text : undefined;
}

export function pcOf(hex: unknown, base64?: unknown): string | undefined {
  const text = hexOf(hex) ?? hexOfBase64(base64);
  return text !== undefined && PC.test(text) ? text : undefined;
}

/** RSSI in dBm within what the contract takes; the weakest where there is none. */
export function rssiOf(dBm: number | undefined): number {
  return dBm === undefined ? NO_RSSI : Math.max(-130, Math.min(30, dBm));
}

/** A number, also one that is written as text. */
export function numberOf(value: unknown): number | undefined {
  const number = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
  return typeof number === "number" && Number.isFinite(number) ? number : undefined;
}

/** Milliseconds since 1970 of an ISO 8601 time, whatever its number of digits; NaN where it is none. */
export function timeOf(value: unknown): number {
  return typeof value === "string" && value.length <= 40 ? Date.parse(value) : Number.NaN;
}

export function textOf(value: unknown, most = 120): string | undefined {
  return typeof value === "string" && value !== "" ? value.slice(0, most) : undefined;
}

function hexOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value.toUpperCase() : undefined;
}

function hexOfBase64(value: unknown): string | undefined {
  if (typeof value !== "string" || value.length > 256 || !BASE64.test(value)) return undefined;
  return Buffer.from(value, "base64").toString("hex").toUpperCase();
}
