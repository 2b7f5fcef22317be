import { ImpinjInventorySearchType, ImpinjMode, type LlrpParameter } from "@storeward/codecs/llrp";
import type { LlrpRoleReading } from "@storeward/contracts";
import { isStorewardError } from "@storeward/runtime";
import type { Counters } from "../counters.js";
import type { LlrpConnection } from "./connection.js";

/** Impinj's private enterprise number. */
export const IMPINJ = 25882;

export type SearchMode = NonNullable<LlrpRoleReading["search"]>;

const SEARCH: Readonly<Record<SearchMode, number>> = {
  "reader-selected": ImpinjInventorySearchType.Reader_Selected,
  "single-target": ImpinjInventorySearchType.Single_Target,
  "dual-target": ImpinjInventorySearchType.Dual_Target,
  "single-target-with-suppression": ImpinjInventorySearchType.Single_Target_With_Suppression,
};

/** Keepalives without an answer, after which the reader lets the connection go. */
const LINK_DOWN_AFTER = 2;

/** Impinj readers heed their extensions only once told to; false, and counted, where one does not know them. */
export async function enableImpinjExtensions(connection: LlrpConnection, counters: Counters): Promise<boolean> {
  try {
    await connection.request({ type: "IMPINJ_ENABLE_EXTENSIONS" }, "IMPINJ_ENABLE_EXTENSIONS_RESPONSE");
    return true;
  } catch (error) {
    if (!isStorewardError(error, "LLRP_STATUS") && !isStorewardError(error, "LLRP_TIMEOUT")) throw error;
    counters.add("extensionsRefused");
    return false;
  }
}

/** Without it an Impinj reader keeps a dead connection for ever, and refuses every new one. */
export const linkMonitor = {
  type: "ImpinjLinkMonitorConfiguration",
  LinkMonitorMode: ImpinjMode.Enabled,
  LinkDownThreshold: LINK_DOWN_AFTER,
} as const;

/** Strength in 0.01 dBm instead of whole dBm: it stands in the ROReportSpec, and nowhere else. */
export const fineStrength: NonNullable<LlrpParameter<"ROReportSpec">["Custom"]>[number] = {
  type: "ImpinjTagReportContentSelector",
  ImpinjEnablePeakRSSI: { PeakRSSIMode: ImpinjMode.Enabled },
};

export function searchMode(mode: SearchMode): NonNullable<LlrpParameter<"C1G2InventoryCommand">["Custom"]>[number] {
  return { type: "ImpinjInventorySearchMode", InventorySearchMode: SEARCH[mode] };
}
