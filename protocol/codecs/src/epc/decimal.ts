/*
 * Numbers to digits. The machine's own way to write numbers above 2^31 takes most of the time of decoding an EPC, so they are
 * taken apart into numbers of 32 bits here.
 */

/** 10 to the power of its place; as a number exact to 10^22. */
const POWERS_OF_TEN: readonly number[] = Array.from({ length: 23 }, (_, exponent) => 10 ** exponent);

const THREE_DIGITS: readonly string[] = Array.from({ length: 1000 }, (_, value) => String(value).padStart(3, "0"));

const MILLION = 1_000_000;
const ZERO = 48;

/** Codes of the digits of one key, the check digit last. */
const codes = new Uint8Array(14);

export function powerOfTen(exponent: number): number {
  return POWERS_OF_TEN[exponent] ?? Number.POSITIVE_INFINITY;
}

/** A decimal numeral of at least `digits` digits; of none for 0 in no digits. */
export function padded(value: number, digits: number): string {
  return digits === 0 ? "" : numeral(value).padStart(digits, "0");
}

/** The decimal numeral of a number below 2^53. */
export function numeral(value: number): string {
  if (value < 0x7fffffff) return String(value | 0);
  const high = Math.floor(value / MILLION);
  const low = (value - high * MILLION) | 0;
  const thousands = (low / 1000) | 0;
  return numeral(high) + (THREE_DIGITS[thousands] ?? "") + (THREE_DIGITS[low - thousands * 1000] ?? "");
}

/** Thirteen digits and their GS1 check digit, whose weights are 3 and 1 from the right (General Specifications §7.9.1). */
export function withCheckDigit(value: number): string {
  const high = Math.floor(value / MILLION);
  const sum = digitsInto(7, 13, (value - high * MILLION) | 0) + digitsInto(0, 7, high | 0);
  codes[13] = ZERO + ((10 - (sum % 10)) % 10);
  return String.fromCharCode(
    code(0),
    code(1),
    code(2),
    code(3),
    code(4),
    code(5),
    code(6),
    code(7),
    code(8),
    code(9),
    code(10),
    code(11),
    code(12),
    code(13),
  );
}

function code(place: number): number {
  return codes[place] ?? ZERO;
}

/** Writes the digits of a number to places of `codes` and returns their weighted sum; those in even places weigh 3. */
function digitsInto(from: number, to: number, value: number): number {
  let left = value;
  let sum = 0;
  for (let place = to - 1; place >= from; place--) {
    const tenth = (left / 10) | 0;
    const digit = left - tenth * 10;
    codes[place] = ZERO + digit;
    sum += (place & 1) === 0 ? 3 * digit : digit;
    left = tenth;
  }
  return sum;
}

/** Bits that a number of so many digits needs (TDS 2.3 table B). */
export function bitsOfDigits(digits: number): number {
  return Math.ceil(digits * Math.log2(10));
}
