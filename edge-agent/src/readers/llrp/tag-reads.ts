import { epcHexOf, type LlrpParameter } from "@storeward/codecs/llrp";
import type { Counters } from "../counters.js";
import type { TagRead } from "../driver.js";
import type { ReaderClocks } from "./reader-clocks.js";

/** Whole words, at most 496 bits (C1G2 §6.3.2.1.2.2). */
const EPC = /^(?:[0-9A-F]{4}){1,31}$/;
/** Where a reader tells no RSSI: weaker than any tag, so that it decides nothing. */
const NO_RSSI = -100;

/**
 * One read out of a report that was completed from memory; undefined, and counted, where it has no EPC or no antenna of ours.
 * A report stands for TagSeenCount reads between first and last seen (LLRP 1.1 §14.2.3.1).
 */
export function tagReadOf(
  report: LlrpParameter<"TagReportData">,
  clocks: ReaderClocks,
  arrival: number,
  used: { has(antenna: number): boolean },
  counters: Counters,
): TagRead | undefined {
  const epc = epcHexOf(report);
  if (epc === undefined || !EPC.test(epc)) {
    counters.add("badEpcs");
    return undefined;
  }
  const antenna = report.AntennaID?.AntennaID;
  if (antenna === undefined || !used.has(antenna)) {
    counters.add("foreignAntennas");
    return undefined;
  }
  const last = clocks.toMono(report.LastSeenTimestampUTC, report.LastSeenTimestampUptime, arrival) ?? arrival;
  const first = clocks.toMono(report.FirstSeenTimestampUTC, report.FirstSeenTimestampUptime, arrival) ?? last;
  const rssi = report.PeakRSSI?.PeakRSSI;
  if (rssi === undefined) counters.add("noRssi");
  const pc = report.C1G2_PC?.PC_Bits;
  return {
    epc,
    ...(pc === undefined ? {} : { pc: pc.toString(16).toUpperCase().padStart(4, "0") }),
    antenna,
    rssi: Math.max(-130, Math.min(30, rssi ?? NO_RSSI)),
    first: Math.min(first, last),
    last,
    count: Math.max(1, report.TagSeenCount?.TagCount ?? 1),
  };
}
