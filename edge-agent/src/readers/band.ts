import type { Reader } from "@storeward/contracts";

type Region = Reader["region"];

/** What the rules of a region call themselves, and their band in kHz. */
const BANDS: Readonly<Record<Region, { readonly name: RegExp; readonly low: number; readonly high: number }>> = {
  // The upper band of EN 302 208 (915 to 921 MHz) is another: tags and antennas for 865 MHz are deaf there.
  ETSI: { name: /^(?!.*\b9[12]\d ?MHz)(?!.*upper).*ETSI/i, low: 865_000, high: 868_000 },
  FCC: { name: /FCC/i, low: 902_000, high: 928_000 },
};

/** The region in words: "ETSI (865 to 868 MHz)". */
export function bandText(region: Region): string {
  const { low, high } = BANDS[region];
  return `${region} (${low / 1000} to ${high / 1000} MHz)`;
}

export function isInBand(region: Region, kHz: number): boolean {
  const { low, high } = BANDS[region];
  return kHz >= low && kHz <= high;
}

/**
 * What of a reader's rules does not fit the configured region, in words; undefined where everything it tells fits. `known` is false where
 * it tells nothing.
 */
export function regionMismatch(
  region: Region,
  name: string | undefined,
  channelsKhz: readonly number[],
): { readonly actual: string | undefined; readonly known: boolean } {
  if (name !== undefined && !BANDS[region].name.test(name)) return { actual: name, known: true };
  const outside = channelsKhz.find((kHz) => !isInBand(region, kHz));
  if (outside !== undefined) return { actual: `${outside / 1000} MHz`, known: true };
  return { actual: undefined, known: name !== undefined || channelsKhz.length > 0 };
}
