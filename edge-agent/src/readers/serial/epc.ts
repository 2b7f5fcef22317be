/** Whole words, at most 496 bits (C1G2 §6.3.2.1.2.2). */
const EPC = /^(?:[0-9A-F]{4}){1,31}$/;
/** Where a reader tells no RSSI: weaker than any tag, so that it decides nothing. */
export const NO_RSSI = -100;

/** An EPC in upper-case hex without blanks; undefined where it is none. */
export function epcOf(text: string): string | undefined {
  const epc = text.replaceAll(" ", "").toUpperCase();
  return EPC.test(epc) ? epc : undefined;
}

/** An RSSI in dBm; undefined where it can be none. */
export function rssiOf(text: string): number | undefined {
  const value = text.trim() === "" ? Number.NaN : Number(text);
  return value >= -130 && value <= 30 ? value : undefined;
}
