import type { LlrpParameter } from "../src/llrp/index.js";

/** A choice of what tag reports hold, as readers are usually asked for. */
export const reportContent = {
  EnableROSpecID: false,
  EnableSpecIndex: false,
  EnableInventoryParameterSpecID: false,
  EnableAntennaID: true,
  EnableChannelIndex: true,
  EnablePeakRSSI: true,
  EnableFirstSeenTimestamp: true,
  EnableLastSeenTimestamp: true,
  EnableTagSeenCount: true,
  EnableAccessSpecID: false,
  EnableCryptoResponse: false,
} as const satisfies LlrpParameter<"TagReportContentSelector">;
