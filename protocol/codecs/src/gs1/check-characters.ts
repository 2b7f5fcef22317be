/** The characters of CSET 82, in the order of their values (General Specifications figure 7.11-1). */
export const CSET_82 = "!\"%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz";

const CSET_32 = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ";

const PRIMES = [2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83];

/**
 * The two check characters of an alphanumeric key, for the 1 to 23 characters before them (General Specifications
 * §7.9.5): values weighted with primes from the right, modulo 1021. Throws RangeError on anything else.
 */
export function gs1CheckCharacters(text: string): string {
  let sum = 0;
  for (let i = 0; i < text.length; i++) {
    const value = CSET_82.indexOf(text.charAt(i));
    const prime = PRIMES[text.length - 1 - i];
    if (value < 0 || prime === undefined) throw new RangeError(`"${text}" has no check characters`);
    sum += value * prime;
  }
  sum %= 1021;
  return CSET_32.charAt(sum >> 5) + CSET_32.charAt(sum & 31);
}
