import type { CharacterSet } from "./text.js";

/**
 * What an identifier is made of, whatever the scheme: the names under which an identity holds it, the Application
 * Identifier, and what GS1 allows in it (General Specifications §3). A part without an Application Identifier of its own
 * follows the one before in the same element.
 */
export interface Part {
  readonly name: string;
  readonly ai?: string;
  /** Digits of a key with its check digit; of an ITIP with its piece and total. */
  readonly digits?: number;
  /**
   * How a key is made of company prefix and reference. "leading": the first digit of the reference stands in front of
   * the prefix. "plain": prefix, then reference. Both end with a check digit. "open": none, and a reference of any length.
   */
  readonly form?: "leading" | "plain" | "open";
  /** Digits in front of the key in its element. */
  readonly filler?: string;
  /** Most characters, and which. */
  readonly max?: number;
  readonly set?: CharacterSet;
}

/** How a part stands in the bits, by the names of TDS 2.3 §14.3 and §14.5. */
export type Coding =
  /** Bits of the reference for company prefixes of 12 down to 6 digits. */
  | { readonly method: "partition" | "unpadded partition"; readonly bits: readonly number[] }
  | { readonly method: "string partition"; readonly bits: readonly number[]; readonly most: readonly number[] }
  | { readonly method: "6-bit string partition"; readonly most: readonly number[] }
  | { readonly method: "integer" | "string" | "numeric string"; readonly bits: number }
  | { readonly method: "6-bit cage" | "8-bit cage" }
  | { readonly method: "6-bit string"; readonly least: number }
  | { readonly method: "prioritised date" | "fixed-length numeric" | "delimited numeric" | "hostname" }
  | { readonly method: "alphanumeric" | "numeric"; readonly lengthBits: number };

export type Field = Part & Coding;

export interface Scheme {
  /** Table 14-1. */
  readonly header: number;
  /** The name in a pure identity URI. */
  readonly identifier: string;
  /** All bits, where that is fixed; those after the last field are zero. */
  readonly bits?: number;
  readonly filterBits: number;
  /** A '+' or '++' scheme: a toggle bit before the filter, and room for +AIDC data after the EPC (§15.3). */
  readonly plus: boolean;
  readonly fields: readonly Field[];
}

const GTIN = { name: "gtin", ai: "01", digits: 14, form: "leading" } as const;
const ITIP = { name: "itip", ai: "8006", digits: 18, form: "leading" } as const;
const SERIAL = { name: "serial", ai: "21", max: 20, set: "82" } as const;
const DATE = { name: "date", method: "prioritised date" } as const;
const SSCC = { name: "sscc", ai: "00", digits: 18, form: "leading" } as const;
const GLN = { name: "gln", ai: "414", digits: 13, form: "plain" } as const;
const EXTENSION = { name: "extension", ai: "254", max: 20, set: "82" } as const;
const GRAI = { name: "grai", ai: "8003", digits: 13, form: "plain", filler: "0" } as const;
const GRAI_SERIAL = { name: "serial", max: 16, set: "82" } as const;
const GIAI = { name: "giai", ai: "8004", form: "open", max: 30, set: "82" } as const;
const GSRN = { name: "gsrn", ai: "8018", digits: 18, form: "plain" } as const;
const GSRNP = { name: "gsrn", ai: "8017", digits: 18, form: "plain" } as const;
const GDTI = { name: "gdti", ai: "253", digits: 13, form: "plain" } as const;
const GDTI_SERIAL = { name: "serial", max: 17, set: "82" } as const;
const CPI = { name: "cpi", ai: "8010", form: "open", max: 30, set: "39" } as const;
const CPI_SERIAL = { name: "serial", ai: "8011", max: 12, set: "digits" } as const;
const GCN = { name: "gcn", ai: "255", digits: 13, form: "plain" } as const;
const GCN_SERIAL = { name: "serial", max: 12, set: "digits" } as const;
const CAGE = { name: "cage", set: "cage" } as const;
const HOSTNAME = { name: "hostname", method: "hostname", max: 63, set: "82" } as const;

/** Bits of the references; those of tables 14-16 and 14-42, of 14-10, 14-29 and 14-39, and of 14-9 and 14-23 are the same. */
const ITEM = [4, 7, 10, 14, 17, 20, 24] as const;
const TYPE = [1, 4, 7, 11, 14, 17, 21] as const;
const SERVICE = [18, 21, 24, 28, 31, 34, 38] as const;
/** Most characters of the references of GIAI-202 and CPI-var. */
const MOST = [18, 19, 20, 21, 22, 23, 24] as const;

const partition = <const B extends readonly number[]>(bits: B) => ({ method: "partition", bits }) as const;
const integer = (bits: number) => ({ method: "integer", bits }) as const;
const string = (bits: number) => ({ method: "string", bits }) as const;
const FIXED = { method: "fixed-length numeric" } as const;
const DELIMITED = { method: "delimited numeric" } as const;
const ALPHANUMERIC = { method: "alphanumeric", lengthBits: 5 } as const;
const NUMERIC = { method: "numeric", lengthBits: 4 } as const;

/** A scheme of TDS 1: a filter of 3 bits, where there is one. */
const of = <const I extends string, const F extends readonly Field[]>(
  header: number,
  identifier: I,
  bits: number,
  fields: F,
) => ({ header, identifier, bits, filterBits: 3, plus: false, fields }) as const;

/** A '+' scheme, which ends where its last field ends. */
const plus = <const I extends string, const F extends readonly Field[]>(header: number, identifier: I, fields: F) =>
  ({ header, identifier, filterBits: 3, plus: true, fields }) as const;

/**
 * Every scheme of TDS 2.3 table 14-1, by the coding tables of §14.6; the source for decoding, encoding and types. Where an
 * identifier has several, the shorter stands first. The annex of the standard prints SSCC++ and ITIP++ with the headers F9
 * and F3, and table 14-45 ITIP++ with F3: misprints, for table 14-1 has EF and ED.
 */
export const schemes = {
  "sgtin-96": of(0x30, "sgtin", 96, [
    { ...GTIN, ...partition(ITEM) },
    { ...SERIAL, ...integer(38) },
  ]),
  "sgtin-198": of(0x36, "sgtin", 198, [
    { ...GTIN, ...partition(ITEM) },
    { ...SERIAL, ...string(140) },
  ]),
  "sgtin+": plus(0xf7, "sgtin", [
    { ...GTIN, ...FIXED },
    { ...SERIAL, ...ALPHANUMERIC },
  ]),
  "dsgtin+": plus(0xfb, "sgtin", [DATE, { ...GTIN, ...FIXED }, { ...SERIAL, ...ALPHANUMERIC }]),
  "sgtin++": plus(0xfd, "sgtin", [{ ...GTIN, ...FIXED }, { ...SERIAL, ...ALPHANUMERIC }, HOSTNAME]),
  "dsgtin++": plus(0xfc, "sgtin", [DATE, { ...GTIN, ...FIXED }, { ...SERIAL, ...ALPHANUMERIC }, HOSTNAME]),
  "sscc-96": of(0x31, "sscc", 96, [{ ...SSCC, ...partition(SERVICE) }]),
  "sscc+": plus(0xf9, "sscc", [{ ...SSCC, ...FIXED }]),
  "sscc++": plus(0xef, "sscc", [{ ...SSCC, ...FIXED }, HOSTNAME]),
  "sgln-96": of(0x32, "sgln", 96, [
    { ...GLN, ...partition(TYPE) },
    { ...EXTENSION, ...integer(41) },
  ]),
  "sgln-195": of(0x39, "sgln", 195, [
    { ...GLN, ...partition(TYPE) },
    { ...EXTENSION, ...string(140) },
  ]),
  "sgln+": plus(0xf2, "sgln", [
    { ...GLN, ...FIXED },
    { ...EXTENSION, ...ALPHANUMERIC },
  ]),
  "sgln++": plus(0xe9, "sgln", [{ ...GLN, ...FIXED }, { ...EXTENSION, ...ALPHANUMERIC }, HOSTNAME]),
  "grai-96": of(0x33, "grai", 96, [
    { ...GRAI, ...partition(ITEM) },
    { ...GRAI_SERIAL, ...integer(38) },
  ]),
  "grai-170": of(0x37, "grai", 170, [
    { ...GRAI, ...partition(ITEM) },
    { ...GRAI_SERIAL, ...string(112) },
  ]),
  "grai+": plus(0xf1, "grai", [
    { ...GRAI, ...FIXED },
    { ...GRAI_SERIAL, ...ALPHANUMERIC },
  ]),
  "grai++": plus(0xeb, "grai", [{ ...GRAI, ...FIXED }, { ...GRAI_SERIAL, ...ALPHANUMERIC }, HOSTNAME]),
  "giai-96": of(0x34, "giai", 96, [{ ...GIAI, method: "unpadded partition", bits: [42, 45, 48, 52, 55, 58, 62] }]),
  "giai-202": of(0x38, "giai", 202, [
    { ...GIAI, method: "string partition", bits: [148, 151, 154, 158, 161, 164, 168], most: MOST },
  ]),
  "giai+": plus(0xfa, "giai", [{ ...GIAI, ...DELIMITED }]),
  "giai++": plus(0xee, "giai", [{ ...GIAI, ...DELIMITED }, HOSTNAME]),
  "gsrn-96": of(0x2d, "gsrn", 96, [{ ...GSRN, ...partition(SERVICE) }]),
  "gsrn+": plus(0xf4, "gsrn", [{ ...GSRN, ...FIXED }]),
  "gsrn++": plus(0xe7, "gsrn", [{ ...GSRN, ...FIXED }, HOSTNAME]),
  "gsrnp-96": of(0x2e, "gsrnp", 96, [{ ...GSRNP, ...partition(SERVICE) }]),
  "gsrnp+": plus(0xf5, "gsrnp", [{ ...GSRNP, ...FIXED }]),
  "gsrnp++": plus(0xe8, "gsrnp", [{ ...GSRNP, ...FIXED }, HOSTNAME]),
  "gdti-96": of(0x2c, "gdti", 96, [
    { ...GDTI, ...partition(TYPE) },
    { ...GDTI_SERIAL, ...integer(41) },
  ]),
  "gdti-174": of(0x3e, "gdti", 174, [
    { ...GDTI, ...partition(TYPE) },
    { ...GDTI_SERIAL, ...string(119) },
  ]),
  /** Deprecated since TDS 1.9, and still on tags. */
  "gdti-113": of(0x3a, "gdti", 113, [
    { ...GDTI, ...partition(TYPE) },
    { ...GDTI_SERIAL, method: "numeric string", bits: 58 },
  ]),
  "gdti+": plus(0xf6, "gdti", [
    { ...GDTI, ...FIXED },
    { ...GDTI_SERIAL, ...ALPHANUMERIC },
  ]),
  "gdti++": plus(0xea, "gdti", [{ ...GDTI, ...FIXED }, { ...GDTI_SERIAL, ...ALPHANUMERIC }, HOSTNAME]),
  "cpi-96": of(0x3c, "cpi", 96, [
    { ...CPI, method: "unpadded partition", bits: [11, 14, 17, 21, 24, 27, 31] },
    { ...CPI_SERIAL, ...integer(31) },
  ]),
  "cpi-var": {
    header: 0x3d,
    identifier: "cpi",
    filterBits: 3,
    plus: false,
    fields: [
      { ...CPI, method: "6-bit string partition", most: MOST },
      { ...CPI_SERIAL, ...integer(40) },
    ],
  },
  "cpi+": plus(0xf0, "cpi", [
    { ...CPI, ...DELIMITED },
    { ...CPI_SERIAL, ...NUMERIC },
  ]),
  "cpi++": plus(0xe6, "cpi", [{ ...CPI, ...DELIMITED }, { ...CPI_SERIAL, ...NUMERIC }, HOSTNAME]),
  "sgcn-96": of(0x3f, "sgcn", 96, [
    { ...GCN, ...partition(TYPE) },
    { ...GCN_SERIAL, method: "numeric string", bits: 41 },
  ]),
  "sgcn+": plus(0xf8, "sgcn", [
    { ...GCN, ...FIXED },
    { ...GCN_SERIAL, ...NUMERIC },
  ]),
  "sgcn++": plus(0xec, "sgcn", [{ ...GCN, ...FIXED }, { ...GCN_SERIAL, ...NUMERIC }, HOSTNAME]),
  "itip-110": of(0x40, "itip", 110, [
    { ...ITIP, ...partition(ITEM) },
    { ...SERIAL, ...integer(38) },
  ]),
  "itip-212": of(0x41, "itip", 212, [
    { ...ITIP, ...partition(ITEM) },
    { ...SERIAL, ...string(140) },
  ]),
  "itip+": plus(0xf3, "itip", [
    { ...ITIP, ...FIXED },
    { ...SERIAL, ...ALPHANUMERIC },
  ]),
  "itip++": plus(0xed, "itip", [{ ...ITIP, ...FIXED }, { ...SERIAL, ...ALPHANUMERIC }, HOSTNAME]),
  "gid-96": {
    header: 0x35,
    identifier: "gid",
    bits: 96,
    filterBits: 0,
    plus: false,
    fields: [
      { name: "manager", ...integer(28) },
      { name: "objectClass", ...integer(24) },
      { name: "serial", ...integer(36) },
    ],
  },
  /** United States Department of Defense Suppliers' Passive RFID Information Guide, version 15. */
  "usdod-96": {
    header: 0x2f,
    identifier: "usdod",
    bits: 96,
    filterBits: 4,
    plus: false,
    fields: [
      { ...CAGE, method: "8-bit cage" },
      { name: "serial", ...integer(36) },
    ],
  },
  "adi-var": {
    header: 0x3b,
    identifier: "adi",
    filterBits: 6,
    plus: false,
    fields: [
      { ...CAGE, method: "6-bit cage" },
      { name: "partNumber", method: "6-bit string", least: 0, max: 32, set: "part" },
      { name: "serial", method: "6-bit string", least: 1, max: 30, set: "part serial" },
    ],
  },
} as const satisfies Readonly<Record<string, Scheme>>;

export type SchemeName = keyof typeof schemes;

/** The row of a name that may be none. */
export function schemeOf(name: string): Scheme | undefined {
  return Object.hasOwn(schemes, name) ? schemes[name as SchemeName] : undefined;
}
