import { decodeEpc, EpcError } from "@storeward/codecs/epc";

/**
 * The URI by which others know an EPC: its pure identity URI (TDS 2.3 §6), or the GS1 Digital Link URI where the tag does not
 * say how long the company prefix is; EPCIS takes both. Null for plain numbers.
 */
export function epcUri(hex: string): string | null {
  try {
    const epc = decodeEpc(hex);
    return epc.scheme === "unknown" ? null : (epc.uri ?? epc.digitalLink ?? null);
  } catch (error) {
    if (error instanceof EpcError) return null;
    throw error;
  }
}
