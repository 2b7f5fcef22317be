import { type Scheme, schemes } from "./schemes.js";

/** Headers of GSRN (recipient of care: a patient's wristband) and GSRNP (provider: a staff badge) in all their schemes. */
const PERSON_HEADERS: ReadonlySet<number> = new Set(
  Object.values<Scheme>(schemes)
    .filter(({ identifier }) => identifier === "gsrn" || identifier === "gsrnp")
    .map(({ header }) => header),
);

/** Whether an EPC's header says that the tag is on a person. Looks at the first byte only; hex of either case. */
export function isPersonTag(hex: string): boolean {
  return PERSON_HEADERS.has(digitAt(hex, 0) * 16 + digitAt(hex, 1));
}

/** Not a number where there is none; no text is made, for every read of a tag is asked about. */
function digitAt(hex: string, at: number): number {
  const code = hex.charCodeAt(at);
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const letter = (code & 0xdf) - 0x41;
  return letter >= 0 && letter < 6 ? letter + 10 : Number.NaN;
}
