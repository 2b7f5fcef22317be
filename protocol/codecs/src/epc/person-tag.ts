import { type Scheme, schemes } from "./schemes.js";

/** Headers of GSRN (recipient of care: a patient's wristband) and GSRNP (provider: a staff badge) in all their schemes. */
const PERSON_HEADERS: ReadonlySet<string> = new Set(
  Object.values<Scheme>(schemes)
    .filter(({ identifier }) => identifier === "gsrn" || identifier === "gsrnp")
    .map(({ header }) => header.toString(16).toUpperCase()),
);

/** Whether an EPC's header says that the tag is on a person. Looks at the first byte only; hex of either case. */
export function isPersonTag(hex: string): boolean {
  return PERSON_HEADERS.has(hex.slice(0, 2).toUpperCase());
}
