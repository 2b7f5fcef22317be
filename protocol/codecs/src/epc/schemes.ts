/**
 * The EPC schemes of GS1 TDS 2.3 §14.6 as a table: header, then filter (3 bits), partition (3), company prefix and
 * reference (by the partition), then what is in `tail`.
 *
 * - `digits`: company prefix and reference together; the partition shares them out.
 * - `referenceBits`: for partitions 0 to 6, that is for company prefixes of 12 down to 6 digits.
 * - `key`: the GS1 key, its Application Identifier, and how it is made of both parts. "leading": the first digit of the
 *   reference stands in front of the company prefix; "plain": reference after prefix; both end with a check digit.
 *   "open": no check digit, and a reference of any length.
 */
export const schemes = {
  "sgtin-96": {
    header: 0x30,
    urn: "sgtin",
    digits: 13,
    referenceBits: [4, 7, 10, 14, 17, 20, 24],
    key: { name: "gtin", ai: "01", form: "leading" },
    tail: { kind: "integer", bits: 38, name: "serial", ai: "21" },
  },
  "sgtin-198": {
    header: 0x36,
    urn: "sgtin",
    digits: 13,
    referenceBits: [4, 7, 10, 14, 17, 20, 24],
    key: { name: "gtin", ai: "01", form: "leading" },
    tail: { kind: "string", bits: 140, name: "serial", ai: "21" },
  },
  "sscc-96": {
    header: 0x31,
    urn: "sscc",
    digits: 17,
    referenceBits: [18, 21, 24, 28, 31, 34, 38],
    key: { name: "sscc", ai: "00", form: "leading" },
    tail: { kind: "reserved", bits: 24 },
  },
  "sgln-96": {
    header: 0x32,
    urn: "sgln",
    digits: 12,
    referenceBits: [1, 4, 7, 11, 14, 17, 21],
    key: { name: "gln", ai: "414", form: "plain" },
    tail: { kind: "integer", bits: 41, name: "extension", ai: "254" },
  },
  "grai-96": {
    header: 0x33,
    urn: "grai",
    digits: 12,
    referenceBits: [4, 7, 10, 14, 17, 20, 24],
    key: { name: "grai", ai: "8003", form: "plain" },
    tail: { kind: "integer", bits: 38, name: "serial", ai: "" },
  },
  "giai-96": {
    header: 0x34,
    urn: "giai",
    digits: 25,
    referenceBits: [42, 45, 48, 52, 55, 58, 62],
    key: { name: "giai", ai: "8004", form: "open" },
    tail: { kind: "reserved", bits: 0 },
  },
  "gsrn-96": {
    header: 0x2d,
    urn: "gsrn",
    digits: 17,
    referenceBits: [18, 21, 24, 28, 31, 34, 38],
    key: { name: "gsrn", ai: "8018", form: "plain" },
    tail: { kind: "reserved", bits: 24 },
  },
  "gsrnp-96": {
    header: 0x2e,
    urn: "gsrnp",
    digits: 17,
    referenceBits: [18, 21, 24, 28, 31, 34, 38],
    key: { name: "gsrn", ai: "8017", form: "plain" },
    tail: { kind: "reserved", bits: 24 },
  },
} as const satisfies Readonly<Record<string, Scheme>>;

export interface Scheme {
  readonly header: number;
  readonly urn: string;
  readonly digits: number;
  readonly referenceBits: readonly number[];
  readonly key: { readonly name: string; readonly ai: string; readonly form: "leading" | "plain" | "open" };
  readonly tail:
    | { readonly kind: "integer" | "string"; readonly bits: number; readonly name: string; readonly ai: string }
    | { readonly kind: "reserved"; readonly bits: number };
}

export type SchemeName = keyof typeof schemes;

/** Partition value: bits and digits of the company prefix are the same in every scheme (TDS 2.3 §14.2). */
const companyPrefixBits = [40, 37, 34, 30, 27, 24, 20] as const;

export interface Partition {
  readonly value: number;
  readonly companyPrefixBits: number;
  readonly companyPrefixDigits: number;
  readonly referenceBits: number;
  readonly referenceDigits: number;
}

/** The row of the scheme's partition table; undefined for the value 7 and for prefixes not of 6 to 12 digits. */
export function partitionOf(scheme: Scheme, value: number): Partition | undefined {
  const prefixBits = companyPrefixBits[value];
  const referenceBits = scheme.referenceBits[value];
  if (prefixBits === undefined || referenceBits === undefined) return undefined;
  const companyPrefixDigits = 12 - value;
  const referenceDigits = scheme.digits - companyPrefixDigits;
  return { value, companyPrefixBits: prefixBits, companyPrefixDigits, referenceBits, referenceDigits };
}

/** Bits of a scheme from header to tail. */
export function bitLength(scheme: Scheme): number {
  return 8 + 3 + 3 + (companyPrefixBits[0] ?? 0) + (scheme.referenceBits[0] ?? 0) + scheme.tail.bits;
}
