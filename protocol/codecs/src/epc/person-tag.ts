/**
 * Headers of GSRN (recipient of care: a patient's wristband) and GSRNP (provider: a staff badge), TDS 2.3 table 14-1:
 * GSRN-96, GSRNP-96, GSRN+, GSRNP+, GSRN++, GSRNP++.
 */
const PERSON_HEADERS: ReadonlySet<string> = new Set(["2D", "2E", "F4", "F5", "E7", "E8"]);

/** Whether an EPC's header says that the tag is on a person. Looks at the first byte only; hex of either case. */
export function isPersonTag(hex: string): boolean {
  return PERSON_HEADERS.has(hex.slice(0, 2).toUpperCase());
}
