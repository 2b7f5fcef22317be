import { EpcError } from "./errors.js";
import type { EpcIdentity, EpcParts } from "./identity.js";
import { elementStringOf, keyOf } from "./key.js";
import { bitLength, partitionOf, type Scheme, schemes } from "./schemes.js";
import { decodeString, escapeForUri } from "./text.js";

const byHeader = new Map(Object.entries(schemes).map(([name, scheme]) => [scheme.header as number, { name, scheme }]));

/**
 * Decodes an EPC as it stands in tag memory, in hex of either case; a scheme that does not fill whole words is followed
 * by padding. A header not in the table gives `{ scheme: "unknown" }`; contents that the header's scheme does not allow
 * throw `EpcError`, and then the EPC is no GS1 identity whatever its first byte says.
 */
export function decodeEpc(hex: string): EpcIdentity {
  if (!/^([0-9a-fA-F]{2})+$/.test(hex)) throw new EpcError("NOT_HEX", "unknown", "hex", `"${hex}" is no hex of bytes`);
  const upper = hex.toUpperCase();
  const known = byHeader.get(Number.parseInt(upper.slice(0, 2), 16));
  if (known === undefined) return { scheme: "unknown", hex: upper };
  const { name, scheme } = known;
  const parts = decodeParts(name, scheme, upper);
  const key = keyOf(scheme, parts);
  const { tail } = scheme;
  const identity = {
    scheme: name,
    hex: upper,
    uri: uriOf(scheme, parts),
    elementString: elementStringOf(scheme, key, parts.serial),
    filter: parts.filter,
    companyPrefixLength: parts.companyPrefix.length,
    [scheme.key.name]: key,
    ...(tail.kind === "reserved" ? {} : { [tail.name]: parts.serial }),
  };
  return identity as unknown as EpcIdentity;
}

function decodeParts(name: string, scheme: Scheme, hex: string): EpcParts {
  const bits = bitLength(scheme);
  const given = hex.length * 4;
  // Memory is written in words of 16 bits, so up to 15 bits of padding follow.
  if (given < bits || given >= bits + 16) {
    throw new EpcError("BAD_LENGTH", name, "hex", `${bits} bits wanted, not ${given}`);
  }
  let left = bits;
  const all = BigInt(`0x${hex}`) >> BigInt(given - bits);
  const take = (width: number): bigint => {
    left -= width;
    return (all >> BigInt(left)) & ((1n << BigInt(width)) - 1n);
  };
  take(8);
  const filter = Number(take(3));
  const partition = partitionOf(scheme, Number(take(3)));
  if (partition === undefined) throw new EpcError("BAD_PARTITION", name, "partition", "the value 7 means nothing");
  const prefix = digits(name, "company prefix", take(partition.companyPrefixBits), partition.companyPrefixDigits);
  const reference = digits(name, "reference", take(partition.referenceBits), partition.referenceDigits);
  return {
    filter,
    companyPrefix: prefix,
    reference: scheme.key.form === "open" ? reference.replace(/^0+(?=\d)/, "") : reference,
    serial: decodeTail(name, scheme, take(scheme.tail.bits)),
  };
}

function decodeTail(name: string, { tail }: Scheme, value: bigint): string | undefined {
  switch (tail.kind) {
    case "integer":
      return value.toString();
    case "string":
      return decodeString(name, tail.name, value, tail.bits);
    case "reserved":
      if (value !== 0n) throw new EpcError("RESERVED_BITS", name, "reserved bits", "they are not zero");
      return undefined;
  }
}

function digits(name: string, field: string, value: bigint, count: number): string {
  if (value >= 10n ** BigInt(count)) {
    throw new EpcError("OUT_OF_RANGE", name, field, `${value} has more than ${count} digits`);
  }
  return count === 0 ? "" : value.toString().padStart(count, "0");
}

function uriOf(scheme: Scheme, { companyPrefix, reference, serial }: EpcParts): string {
  const tail = serial === undefined ? "" : `.${escapeForUri(serial)}`;
  return `urn:epc:id:${scheme.urn}:${companyPrefix}.${reference}${tail}`;
}
