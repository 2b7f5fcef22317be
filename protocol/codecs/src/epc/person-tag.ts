import { type Scheme, schemes } from "./schemes.js";

/** By header, whether it is one of GSRN (recipient of care: a patient's wristband) or GSRNP (provider: a staff badge) in any scheme. */
const PERSON_HEADERS = Uint8Array.from({ length: 256 }, (_, header) =>
  Object.values<Scheme>(schemes).some(
    (scheme) => scheme.header === header && (scheme.identifier === "gsrn" || scheme.identifier === "gsrnp"),
  )
    ? 1
    : 0,
);

/** Whether an EPC's header says that the tag is on a person. Looks at the first byte only; hex of either case. */
export function isPersonTag(hex: string): boolean {
  return PERSON_HEADERS[digitAt(hex, 0) * 16 + digitAt(hex, 1)] === 1;
}

/** Not a number where there is none; no text is made, for every read of a tag is asked about. */
function digitAt(hex: string, at: number): number {
  const code = hex.charCodeAt(at);
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const letter = (code & 0xdf) - 0x41;
  return letter >= 0 && letter < 6 ? letter + 10 : Number.NaN;
}
