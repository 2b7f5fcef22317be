import type { EpcData } from "../epc/identity.js";
import { PREFIX_BITS } from "../epc/partition.js";
import type { Scheme } from "../epc/schemes.js";
import { NibbleMask } from "./nibble-mask.js";

/** A set of EPCs. */
export interface EpcPattern {
  /** False for most EPCs that are not in the set, without decoding them: only the bits that all of the set have are compared. */
  mayMatch(hex: string): boolean;
  /** Whether an EPC is in the set of which `mayMatch` is true; undefined stands for one that is no identity. */
  matches(epc: EpcData | undefined): boolean;
  /** `mayMatch` is the whole answer. */
  readonly byBits: boolean;
}

/** The bits that all EPCs of a scheme, a company prefix and a filter have; those of '+' schemes are told by their header alone. */
export function maskOf(scheme: Scheme, companyPrefix?: string, filter?: number): NibbleMask {
  const mask = new NibbleMask().known(scheme.header, 8);
  if (scheme.plus) return mask;
  if (filter === undefined) mask.unknown(scheme.filterBits);
  else mask.known(filter, scheme.filterBits);
  const bits = companyPrefix === undefined ? undefined : PREFIX_BITS[12 - companyPrefix.length];
  if (companyPrefix === undefined || bits === undefined || !scheme.fields[0]?.method.includes("partition")) return mask;
  return mask.known(12 - companyPrefix.length, 3).known(Number(companyPrefix), bits);
}
