/** 10 to the power of its place; as a number exact to 10^22. */
export const POWERS_OF_TEN: readonly number[] = Array.from({ length: 23 }, (_, exponent) => 10 ** exponent);

export function powerOfTen(exponent: number): number {
  return POWERS_OF_TEN[exponent] ?? Number.POSITIVE_INFINITY;
}

/** A decimal numeral of at least `digits` digits; of none for 0 in no digits. */
export function padded(value: number, digits: number): string {
  return digits === 0 ? "" : String(value).padStart(digits, "0");
}

/** The GS1 check digit for the digits of a number below 2^53: the weights are 3 and 1 from the right. */
export function checkDigitOf(value: number): number {
  // Two halves that fit 32 bits, for those the machine divides fast. Six digits keep the weights in step.
  const high = Math.floor(value / 1e6);
  const higher = Math.floor(high / 1e6);
  const sum = weighted(value - high * 1e6) + weighted(high - higher * 1e6) + weighted(higher);
  return (10 - (sum % 10)) % 10;
}

function weighted(part: number): number {
  let left = part | 0;
  let sum = 0;
  while (left > 0) {
    const hundredth = (left / 100) | 0;
    const two = left - hundredth * 100;
    const tens = (two / 10) | 0;
    sum += 3 * (two - tens * 10) + tens;
    left = hundredth;
  }
  return sum;
}

/** Bits that a number of so many digits needs (TDS 2.3 table B). */
export function bitsOfDigits(digits: number): number {
  return Math.ceil(digits * Math.log2(10));
}
