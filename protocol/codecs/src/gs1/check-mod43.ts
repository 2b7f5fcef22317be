/** The characters of Code 39 in the order of their values (ANSI/HIBC 2.6 appendix B). */
const CODE_39 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-. $/+%";

/** The HIBC check character of the characters before it, "+" included; undefined where one is not in Code 39. */
export function hibcCheckCharacter(text: string): string | undefined {
  let sum = 0;
  for (const character of text) {
    const value = CODE_39.indexOf(character);
    if (value < 0) return undefined;
    sum += value;
  }
  return CODE_39.charAt(sum % 43);
}
