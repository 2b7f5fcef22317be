import { decodeEpc, EpcError, gs1CheckDigit, hasValidCheckDigit, isPersonTag } from "@storeward/codecs/epc";
import type { StorewardError } from "@storeward/runtime";
import { E } from "./errors.js";

/** What an item is by GS1's numbers. */
export interface Identity {
  readonly gtin: string | null;
  readonly giai: string | null;
  readonly serial: string | null;
}

/** What the EPC of a tag says the thing is; nothing for plain numbers and other schemes. */
export function identityOfEpc(hex: string): Identity {
  const nothing: Identity = { gtin: null, giai: null, serial: null };
  try {
    const epc = decodeEpc(hex);
    if (epc.scheme === "unknown") return nothing;
    if ("gtin" in epc) return { ...nothing, gtin: epc.gtin, serial: epc.serial };
    return "giai" in epc ? { ...nothing, giai: epc.giai } : nothing;
  } catch (error) {
    // A plain number that begins like a GS1 scheme.
    if (error instanceof EpcError) return nothing;
    throw error;
  }
}

/** Why this EPC cannot be on a thing of that identity; undefined when it can. */
export function epcConflict(epc: string, item: Identity): StorewardError | undefined {
  const tagged = identityOfEpc(epc);
  const { gtin, giai, serial } = item;
  if (tagged.gtin !== null && gtin !== null && tagged.gtin !== gtin)
    return E.EPC_OF_OTHER_PRODUCT({ epc, tagged: tagged.gtin, gtin });
  if (tagged.giai !== null && giai !== null && tagged.giai !== giai)
    return E.EPC_OF_OTHER_ASSET({ epc, tagged: tagged.giai, giai });
  if (tagged.serial !== null && serial !== null && tagged.serial !== serial)
    return E.EPC_OF_OTHER_UNIT({ epc, tagged: tagged.serial, serial });
  return undefined;
}

/** The identity of a new item: what is given, completed by its EPC. Or everything that is wrong with it. */
export function identityOf(item: {
  readonly epc?: string | undefined;
  readonly gtin?: string | undefined;
  readonly giai?: string | undefined;
}): { readonly identity: Identity; readonly errors: readonly StorewardError[] } {
  const { epc, gtin = null, giai = null } = item;
  const errors: StorewardError[] = [];
  if (gtin !== null && !hasValidCheckDigit(gtin))
    errors.push(E.GTIN_CHECK_DIGIT({ gtin, digit: gs1CheckDigit(gtin.slice(0, -1)) }));
  const given: Identity = { gtin, giai, serial: null };
  if (epc === undefined) return { identity: given, errors };
  if (isPersonTag(epc)) errors.push(E.EPC_OF_PERSON({ epc }));
  const conflict = epcConflict(epc, given);
  if (conflict !== undefined) errors.push(conflict);
  const tagged = identityOfEpc(epc);
  return { identity: { gtin: gtin ?? tagged.gtin, giai: giai ?? tagged.giai, serial: tagged.serial }, errors };
}
