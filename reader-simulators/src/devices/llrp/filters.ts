import { C1G2StateUnawareAction as Action, type LlrpParameter } from "@storeward/codecs/llrp";

/** Where the EPC begins in its memory bank, after CRC and PC. */
const EPC_AT = 32;

/** Whether Select commands leave a tag taking part (LLRP 1.1 §16.2.1.2.1): each one selects, unselects or leaves it. */
export function passesFilters(epc: string, filters: readonly LlrpParameter<"C1G2Filter">[]): boolean {
  let selected = true;
  for (const { C1G2TagInventoryMask: mask, C1G2TagInventoryStateUnawareFilterAction: action } of filters) {
    const matches = matchesMask(epc, mask);
    switch (action?.Action ?? Action.Select_Unselect) {
      case Action.Select_Unselect:
        selected = matches;
        break;
      case Action.Select_DoNothing:
        if (matches) selected = true;
        break;
      case Action.DoNothing_Unselect:
        if (!matches) selected = false;
        break;
      case Action.Unselect_DoNothing:
        if (matches) selected = false;
        break;
      case Action.Unselect_Select:
        selected = !matches;
        break;
      default:
        if (!matches) selected = true;
    }
  }
  return selected;
}

/** Only the EPC bank is known of these tags: a mask on another matches none. */
export function matchesMask(
  epc: string,
  { MB, Pointer, TagMask }: Pick<LlrpParameter<"C1G2TagInventoryMask">, "MB" | "Pointer" | "TagMask">,
): boolean {
  if (TagMask.bitCount === 0) return true;
  if (MB !== 1) return false;
  for (let bit = 0; bit < TagMask.bitCount; bit++) {
    const wanted = ((TagMask.bytes[bit >> 3] ?? 0) >> (7 - (bit & 7))) & 1;
    if (epcBit(epc, Pointer + bit - EPC_AT) !== wanted) return false;
  }
  return true;
}

/** Bits before the EPC are those of the PC word: its length; undefined where the tag has no memory. */
function epcBit(epc: string, at: number): number | undefined {
  const words = (epc.length / 4) << 11;
  if (at < 0) return at >= -16 ? (words >> (-1 - at)) & 1 : undefined;
  const digit = epc[at >> 2];
  return digit === undefined ? undefined : (Number.parseInt(digit, 16) >> (3 - (at & 3))) & 1;
}
