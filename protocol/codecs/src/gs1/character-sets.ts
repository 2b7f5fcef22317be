import { CSET_82 } from "./check-characters.js";

/** N digits, X CSET 82, Y CSET 39, Z base64url (General Specifications §7.11). */
export type CharacterSet = "N" | "X" | "Y" | "Z";

/** A bit for each set. */
export const MASKS = { N: 1, X: 2, Y: 4, Z: 8 } as const satisfies Record<CharacterSet, number>;

export const SET_WORDS = {
  N: "digits",
  X: "the characters of CSET 82",
  Y: "digits, capital letters and # - /",
  Z: "the characters of base64url",
} as const satisfies Record<CharacterSet, string>;

/** The sets that each ASCII character is in. */
const membership = new Uint8Array(128);
for (const [set, characters] of [
  ["N", "0123456789"],
  ["X", CSET_82],
  ["Y", "#-/0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"],
  ["Z", "-0123456789=ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"],
] as const) {
  for (const character of characters) {
    const code = character.charCodeAt(0);
    membership[code] = (membership[code] ?? 0) | MASKS[set];
  }
}

/** Where in `text`, from `from` up to `to`, a character stands that is not in the set; -1 where none does. */
export function strangerIn(text: string, from: number, to: number, mask: number): number {
  for (let at = from; at < to; at++) {
    if (((membership[text.charCodeAt(at)] ?? 0) & mask) === 0) return at;
  }
  return -1;
}
