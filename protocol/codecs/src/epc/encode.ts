import { EpcError } from "./errors.js";
import type { EpcInput } from "./identity.js";
import { splitKey } from "./key.js";
import { bitLength, partitionOf, type Scheme, type SchemeName, schemes } from "./schemes.js";
import { encodeString } from "./text.js";

type Encoder<S extends SchemeName> = (input: EpcInput<S>) => string;

/** SGTIN-96 in hex: `gtin` of 14 digits, `serial` a number without leading zeros below 2^38. All throw `EpcError`. */
export const encodeSgtin96: Encoder<"sgtin-96"> = (input) => encode("sgtin-96", input);
/** SGTIN-198 in hex, padded to 208 bits: `serial` of 1 to 20 characters. */
export const encodeSgtin198: Encoder<"sgtin-198"> = (input) => encode("sgtin-198", input);
export const encodeSscc96: Encoder<"sscc-96"> = (input) => encode("sscc-96", input);
/** SGLN-96 in hex: `extension` is a number below 2^41, "0" for none. */
export const encodeSgln96: Encoder<"sgln-96"> = (input) => encode("sgln-96", input);
/** GRAI-96 in hex: `grai` is the asset type, 13 digits with check digit and without the filler 0; `serial` below 2^38. */
export const encodeGrai96: Encoder<"grai-96"> = (input) => encode("grai-96", input);
/** GIAI-96 in hex: after the company prefix only digits, the first not 0. */
export const encodeGiai96: Encoder<"giai-96"> = (input) => encode("giai-96", input);
export const encodeGsrn96: Encoder<"gsrn-96"> = (input) => encode("gsrn-96", input);
export const encodeGsrnp96: Encoder<"gsrnp-96"> = (input) => encode("gsrnp-96", input);

function encode(name: SchemeName, input: { readonly filter: number; readonly companyPrefixLength: number }): string {
  const scheme: Scheme = schemes[name];
  const value = (field: string): string => String((input as Readonly<Record<string, unknown>>)[field] ?? "");
  const { filter, companyPrefixLength } = input;
  if (!Number.isInteger(filter) || filter < 0 || filter > 7) {
    throw new EpcError("BAD_VALUE", name, "filter", `0 to 7 wanted, not ${filter}`);
  }
  const parts = splitKey(name, scheme, value(scheme.key.name), companyPrefixLength);
  const partition = partitionOf(scheme, 12 - companyPrefixLength);
  if (partition === undefined) throw new EpcError("BAD_PARTITION", name, "partition", "no such partition");

  const bits = bitLength(scheme);
  let all = BigInt(scheme.header);
  const put = (width: number, part: bigint): void => {
    all = (all << BigInt(width)) | part;
  };
  put(3, BigInt(filter));
  put(3, BigInt(partition.value));
  put(partition.companyPrefixBits, integer(name, "company prefix", parts.companyPrefix, partition.companyPrefixBits));
  put(partition.referenceBits, reference(name, scheme, parts.reference, partition.referenceBits));
  const { tail } = scheme;
  if (tail.kind === "reserved") put(tail.bits, 0n);
  else if (tail.kind === "string") put(tail.bits, encodeString(name, tail.name, value(tail.name), tail.bits));
  else put(tail.bits, serialNumber(name, tail.name, value(tail.name), tail.bits));
  const words = Math.ceil(bits / 16);
  all <<= BigInt(words * 16 - bits);
  return all
    .toString(16)
    .toUpperCase()
    .padStart(words * 4, "0");
}

/** The reference of an open key is a number, so a leading zero would be lost; the others have a fixed width. */
function reference(name: string, scheme: Scheme, text: string, bits: number): bigint {
  if (scheme.key.form === "open") return serialNumber(name, scheme.key.name, text, bits);
  return text === "" ? 0n : integer(name, "reference", text, bits);
}

function serialNumber(name: string, field: string, text: string, bits: number): bigint {
  if (!/^(0|[1-9]\d*)$/.test(text)) {
    throw new EpcError("BAD_VALUE", name, field, `"${text}" is no number without leading zeros`);
  }
  return integer(name, field, text, bits);
}

function integer(name: string, field: string, text: string, bits: number): bigint {
  if (!/^\d+$/.test(text)) throw new EpcError("BAD_VALUE", name, field, `"${text}" is not only digits`);
  const value = BigInt(text);
  if (value >= 1n << BigInt(bits)) throw new EpcError("OUT_OF_RANGE", name, field, `${text} does not fit ${bits} bits`);
  return value;
}
