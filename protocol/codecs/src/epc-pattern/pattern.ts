import { EpcError } from "../epc/errors.js";
import type { EpcData, EpcIdentity } from "../epc/identity.js";
import { type Scheme, schemes } from "../epc/schemes.js";
import { NibbleMask } from "./nibble-mask.js";
import { type EpcPattern, maskOf } from "./pattern-mask.js";
import { tagPattern } from "./pattern-uri.js";

/** EPCs of a scheme (`sgtin-96`) or of all schemes of an identifier (`sgtin`), and of one GS1 company prefix. */
export interface SchemePattern {
  readonly scheme: string;
  readonly companyPrefix?: string | undefined;
}

/** EPCs whose memory begins with these bits: hex digits, of which the first `bits` bits count, or all. */
export interface BitPattern {
  readonly hex: string;
  readonly bits?: number | undefined;
}

/** A tag pattern URI (`urn:epc:pat:sgtin-96:*.0614141.*.*`, ALE 1.1 §6.2.1.3), or one of the others. */
export type EpcPatternText = string | SchemePattern | BitPattern;

/**
 * The set of EPCs that a pattern stands for. An EPC that its own scheme does not allow is in none but those of bits. Throws `EpcError`
 * that names what is wrong with the pattern.
 */
export function epcPattern(pattern: EpcPatternText): EpcPattern {
  if (typeof pattern === "string") return tagPattern(pattern);
  return "hex" in pattern ? bitPattern(pattern) : schemePattern(pattern);
}

/** The data of a decoded EPC, where it is of a scheme. */
export function dataOfIdentity(epc: EpcIdentity): EpcData | undefined {
  return epc.scheme === "unknown" ? undefined : (epc as unknown as EpcData);
}

function bitPattern({ hex, bits = hex.length * 4 }: BitPattern): EpcPattern {
  if (!/^[0-9A-Fa-f]+$/.test(hex)) bad("hex", `"${hex}" is not hex`);
  if (bits > hex.length * 4) bad("bits", `${hex} has ${hex.length * 4} bits, not ${bits}`);
  const mask = NibbleMask.ofHex(hex, bits);
  return { mayMatch: (epc) => mask.matches(epc), matches: () => true, byBits: true };
}

function schemePattern({ scheme: name, companyPrefix }: SchemePattern): EpcPattern {
  const all = Object.entries<Scheme>(schemes).filter(
    ([scheme, { identifier }]) => scheme === name || identifier === name,
  );
  if (all.length === 0)
    bad("scheme", `"${name}" is no scheme of TDS 2.3, such as sgtin-96, and no identifier, such as sgtin`);
  const key = all[0]?.[1].fields.find(({ form }) => form !== undefined);
  if (companyPrefix !== undefined) {
    if (key === undefined) bad("companyPrefix", `${name} has no GS1 company prefix`);
    if (!/^\d{6,12}$/.test(companyPrefix))
      bad("companyPrefix", `it has 6 to 12 digits, and "${companyPrefix}" is not that`);
  }
  const names: ReadonlySet<string> = new Set(all.map(([scheme]) => scheme));
  const masks = all.map(([, scheme]) => maskOf(scheme, companyPrefix));
  const skipped = key?.form === "leading" ? 1 : 0;
  return {
    byBits: false,
    mayMatch: (epc) => masks.some((mask) => mask.matches(epc)),
    matches(epc) {
      if (epc === undefined || !names.has(epc.scheme)) return false;
      if (companyPrefix === undefined || key === undefined) return true;
      const { companyPrefixLength = companyPrefix.length } = epc as { companyPrefixLength?: number };
      const value = String((epc as unknown as Readonly<Record<string, unknown>>)[key.name]);
      return companyPrefixLength === companyPrefix.length && value.startsWith(companyPrefix, skipped);
    },
  };
}

function bad(field: string, detail: string): never {
  throw new EpcError("BAD_TEXT", "pattern", field, detail);
}
