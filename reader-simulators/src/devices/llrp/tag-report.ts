import { ImpinjMode, type LlrpParameter } from "@storeward/codecs/llrp";
import type { TagEntry } from "./report-book.js";
import type { TagTime } from "./tag-time.js";

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** TagReportData with what the client selected (LLRP 1.1 §14.2.3). */
export function tagReport(
  entry: TagEntry,
  { TagReportContentSelector: wants, Custom: vendor }: LlrpParameter<"ROReportSpec">,
  time: TagTime,
): LlrpParameter<"TagReportData"> {
  const bytes = new Uint8Array(Buffer.from(entry.epc, "hex"));
  // Assigned one by one: this is the hot path, and spreading an object for each costs ten times as much.
  const tag: Mutable<LlrpParameter<"TagReportData">> = {};
  if (bytes.length === 12) tag.EPC_96 = { EPC: bytes };
  else tag.EPCData = { EPC: { bitCount: bytes.length * 8, bytes } };
  if (wants.EnableROSpecID) tag.ROSpecID = { ROSpecID: entry.roSpecId };
  if (wants.EnableSpecIndex) tag.SpecIndex = { SpecIndex: entry.specIndex };
  if (wants.EnableInventoryParameterSpecID) {
    tag.InventoryParameterSpecID = { InventoryParameterSpecID: entry.inventoryParameterSpecId };
  }
  if (wants.EnableAntennaID) tag.AntennaID = { AntennaID: entry.antenna };
  if (wants.EnablePeakRSSI) tag.PeakRSSI = { PeakRSSI: entry.peak };
  if (wants.EnableChannelIndex) tag.ChannelIndex = { ChannelIndex: entry.channel };
  const { utc } = time;
  if (wants.EnableFirstSeenTimestamp) {
    tag[utc ? "FirstSeenTimestampUTC" : "FirstSeenTimestampUptime"] = { Microseconds: time.micros(entry.firstSeen) };
  }
  if (wants.EnableLastSeenTimestamp) {
    tag[utc ? "LastSeenTimestampUTC" : "LastSeenTimestampUptime"] = { Microseconds: time.micros(entry.lastSeen) };
  }
  if (wants.EnableTagSeenCount) tag.TagSeenCount = { TagCount: entry.count };
  const memory = wants.C1G2EPCMemorySelector?.[0];
  if (memory !== undefined) {
    const pc = (bytes.length / 2) << 11;
    if (memory.EnablePCBits) tag.C1G2_PC = { PC_Bits: pc };
    if (memory.EnableCRC) tag.C1G2_CRC = { CRC: crc16(pc, bytes) };
  }
  if (wants.EnableAccessSpecID) tag.AccessSpecID = { AccessSpecID: entry.accessSpecId ?? 0 };
  if (vendor !== undefined && wantsFineStrength(vendor))
    tag.Custom = [{ type: "ImpinjPeakRSSI", RSSI: entry.finePeak }];
  if (entry.results !== undefined) tag.AccessCommandOpSpecResult = entry.results;
  return tag;
}

function wantsFineStrength(vendor: NonNullable<LlrpParameter<"ROReportSpec">["Custom"]>): boolean {
  return vendor.some(
    (one) =>
      one.type === "ImpinjTagReportContentSelector" && one.ImpinjEnablePeakRSSI?.PeakRSSIMode === ImpinjMode.Enabled,
  );
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
