import { decodeEpc } from "../epc/decode.js";
import { EpcError } from "../epc/errors.js";
import type { EpcData } from "../epc/identity.js";
import { dataOfIdentity, type EpcPatternText, epcPattern } from "./pattern.js";
import type { EpcPattern } from "./pattern-mask.js";

/** Which EPCs are let through, as ALE's filter specification has it (ALE 1.1 §8.2.6). */
export interface EpcSelectionText {
  /** Upper-case hex that an EPC may begin with; each is as `include` of that hex. */
  readonly prefixes?: readonly string[] | undefined;
  readonly include?: readonly EpcPatternText[] | undefined;
  readonly exclude?: readonly EpcPatternText[] | undefined;
}

/** Why an EPC is not let through: none of those included, or one of those excluded. */
export type NotSelected = "foreign" | "excluded";

/**
 * Lets through what matches one of the patterns included, or everything where none is, and none of those excluded. Throws `EpcError`
 * where a pattern is wrong.
 */
export class EpcSelection {
  readonly #include: readonly EpcPattern[];
  readonly #exclude: readonly EpcPattern[];

  constructor({ prefixes = [], include = [], exclude = [] }: EpcSelectionText) {
    this.#include = [...prefixes.map((hex) => ({ hex })), ...include].map(epcPattern);
    this.#exclude = exclude.map(epcPattern);
  }

  /** Whether the answer may take decoding the EPC; otherwise its first bits tell. */
  decodes(hex: string): boolean {
    return (
      this.#include.some((pattern) => decodes(pattern, hex)) || this.#exclude.some((pattern) => decodes(pattern, hex))
    );
  }

  /** Undefined where the EPC (upper-case hex) is let through. */
  against(hex: string): NotSelected | undefined {
    const included = this.#include.length === 0 || isIn(this.#include, hex);
    if (!included) return "foreign";
    return this.#exclude.length > 0 && isIn(this.#exclude, hex) ? "excluded" : undefined;
  }
}

/** What is wrong with the patterns of a selection; `path` is as in `include[2]`. */
export function selectionProblems(selection: EpcSelectionText): { path: string; message: string }[] {
  return (["include", "exclude"] as const).flatMap((list) =>
    (selection[list] ?? []).flatMap((pattern, index) => {
      try {
        epcPattern(pattern);
        return [];
      } catch (error) {
        if (!(error instanceof EpcError)) throw error;
        return [{ path: `${list}[${index}]`, message: `${error.field}: ${error.detail}` }];
      }
    }),
  );
}

function decodes(pattern: EpcPattern, hex: string): boolean {
  return !pattern.byBits && pattern.mayMatch(hex);
}

function isIn(patterns: readonly EpcPattern[], hex: string): boolean {
  let epc: EpcData | undefined;
  let decoded = false;
  for (const pattern of patterns) {
    if (!pattern.mayMatch(hex)) continue;
    if (pattern.byBits) return true;
    if (!decoded) epc = identityOf(hex);
    decoded = true;
    if (pattern.matches(epc)) return true;
  }
  return false;
}

/** Undefined where the bits are none of a scheme. */
function identityOf(hex: string): EpcData | undefined {
  try {
    return dataOfIdentity(decodeEpc(hex));
  } catch (error) {
    if (error instanceof EpcError) return undefined;
    throw error;
  }
}
