import { decodeEpc, EpcError } from "@storeward/codecs/epc";

/** The pure identity URI of an EPC (TDS 2.3 §6); null for plain numbers and schemes without one. */
export function epcUri(hex: string): string | null {
  try {
    const epc = decodeEpc(hex);
    return epc.scheme === "unknown" ? null : (epc.uri ?? epc.digitalLink ?? null);
  } catch (error) {
    if (error instanceof EpcError) return null;
    throw error;
  }
}
