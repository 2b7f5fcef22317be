/**
 * The GS1 check digit for the digits before it (GS1 General Specifications §7.9.1): weights 3 and 1 from the right.
 * Throws RangeError on anything but digits.
 */
export function gs1CheckDigit(digits: string): string {
  if (!/^\d+$/.test(digits)) throw new RangeError(`only digits have a check digit, not "${digits}"`);
  let sum = 0;
  for (let i = 0; i < digits.length; i++) {
    const weight = (digits.length - i) % 2 === 1 ? 3 : 1;
    sum += weight * Number(digits[i]);
  }
  return String((10 - (sum % 10)) % 10);
}

/** Whether the last digit is the check digit of the others. */
export function hasValidCheckDigit(digits: string): boolean {
  return /^\d{2,}$/.test(digits) && gs1CheckDigit(digits.slice(0, -1)) === digits.slice(-1);
}

/** Whether this is a GTIN of 8, 12, 13 or 14 digits with the right check digit. */
export function isValidGtin(gtin: string): boolean {
  return [8, 12, 13, 14].includes(gtin.length) && hasValidCheckDigit(gtin);
}
