import type { LlrpParameter } from "@storeward/codecs/llrp";
import type { TagEntry } from "./report-book.js";

/** TagReportData with what the client selected (LLRP 1.1 §14.2.3). */
export function tagReport(
  entry: TagEntry,
  wants: LlrpParameter<"TagReportContentSelector">,
  utc: (at: number) => bigint,
): LlrpParameter<"TagReportData"> {
  const bytes = Uint8Array.from(Buffer.from(entry.epc, "hex"));
  const pc = (bytes.length / 2) << 11;
  const memory = wants.C1G2EPCMemorySelector?.[0];
  return {
    ...(bytes.length === 12 ? { EPC_96: { EPC: bytes } } : { EPCData: { EPC: { bitCount: bytes.length * 8, bytes } } }),
    ...(wants.EnableROSpecID && { ROSpecID: { ROSpecID: entry.roSpecId } }),
    ...(wants.EnableSpecIndex && { SpecIndex: { SpecIndex: entry.specIndex } }),
    ...(wants.EnableInventoryParameterSpecID && {
      InventoryParameterSpecID: { InventoryParameterSpecID: entry.inventoryParameterSpecId },
    }),
    ...(wants.EnableAntennaID && { AntennaID: { AntennaID: entry.antenna } }),
    ...(wants.EnablePeakRSSI && { PeakRSSI: { PeakRSSI: entry.peak } }),
    ...(wants.EnableChannelIndex && { ChannelIndex: { ChannelIndex: entry.channel } }),
    ...(wants.EnableFirstSeenTimestamp && { FirstSeenTimestampUTC: { Microseconds: utc(entry.firstSeen) } }),
    ...(wants.EnableLastSeenTimestamp && { LastSeenTimestampUTC: { Microseconds: utc(entry.lastSeen) } }),
    ...(wants.EnableTagSeenCount && { TagSeenCount: { TagCount: entry.count } }),
    ...(memory?.EnablePCBits && { C1G2_PC: { PC_Bits: pc } }),
    ...(memory?.EnableCRC && { C1G2_CRC: { CRC: crc16(pc, bytes) } }),
    ...(wants.EnableAccessSpecID && { AccessSpecID: { AccessSpecID: entry.accessSpecId ?? 0 } }),
    ...(entry.results !== undefined && { AccessCommandOpSpecResult: entry.results }),
  };
}

/** The CRC-16 that a tag keeps over PC and EPC (EPC Gen2 annex F: CCITT, preset FFFF, complemented). */
function crc16(pc: number, epc: Uint8Array): number {
  let crc = 0xffff;
  for (const byte of [pc >> 8, pc & 0xff, ...epc]) {
    crc ^= byte << 8;
    for (let bit = 0; bit < 8; bit++) crc = crc & 0x8000 ? ((crc << 1) ^ 0x1021) & 0xffff : (crc << 1) & 0xffff;
  }
  return ~crc & 0xffff;
}
