import type { HotBody } from "./compile.js";
import type { LlrpParameter } from "./types.js";

type Draft = { -readonly [K in keyof LlrpParameter<"TagReportData">]: LlrpParameter<"TagReportData">[K] };

/**
 * The parameters of TagReportData that readers send for every tag, spelled out: objects whose property names stand in the
 * source are built several times faster than by names out of a table, and code made at run time is barred by the content
 * security policies of browsers. The table stays the judge: the compiler checks names and types, a test the bytes.
 *
 * Stops before a parameter that is cut off, there already, or not in the list.
 */
export const tagReportBody: HotBody = (cursor, target) => {
  const tag = target as Draft;
  const { view, bytes, end } = cursor;
  let at = cursor.offset;
  for (;;) {
    cursor.offset = at;
    if (at >= end) return;
    const left = end - at;
    switch (bytes[at]) {
      case 0x81:
        if (left < 3 || tag.AntennaID !== undefined) return;
        tag.AntennaID = { AntennaID: view.getUint16(at + 1) };
        at += 3;
        break;
      case 0x82:
        if (left < 9 || tag.FirstSeenTimestampUTC !== undefined) return;
        tag.FirstSeenTimestampUTC = { Microseconds: view.getBigUint64(at + 1) };
        at += 9;
        break;
      case 0x83:
        if (left < 9 || tag.FirstSeenTimestampUptime !== undefined) return;
        tag.FirstSeenTimestampUptime = { Microseconds: view.getBigUint64(at + 1) };
        at += 9;
        break;
      case 0x84:
        if (left < 9 || tag.LastSeenTimestampUTC !== undefined) return;
        tag.LastSeenTimestampUTC = { Microseconds: view.getBigUint64(at + 1) };
        at += 9;
        break;
      case 0x85:
        if (left < 9 || tag.LastSeenTimestampUptime !== undefined) return;
        tag.LastSeenTimestampUptime = { Microseconds: view.getBigUint64(at + 1) };
        at += 9;
        break;
      case 0x86:
        if (left < 2 || tag.PeakRSSI !== undefined) return;
        tag.PeakRSSI = { PeakRSSI: view.getInt8(at + 1) };
        at += 2;
        break;
      case 0x87:
        if (left < 3 || tag.ChannelIndex !== undefined) return;
        tag.ChannelIndex = { ChannelIndex: view.getUint16(at + 1) };
        at += 3;
        break;
      case 0x88:
        if (left < 3 || tag.TagSeenCount !== undefined) return;
        tag.TagSeenCount = { TagCount: view.getUint16(at + 1) };
        at += 3;
        break;
      case 0x89:
        if (left < 5 || tag.ROSpecID !== undefined) return;
        tag.ROSpecID = { ROSpecID: view.getUint32(at + 1) };
        at += 5;
        break;
      case 0x8a:
        if (left < 3 || tag.InventoryParameterSpecID !== undefined) return;
        tag.InventoryParameterSpecID = { InventoryParameterSpecID: view.getUint16(at + 1) };
        at += 3;
        break;
      case 0x8b:
        if (left < 3 || tag.C1G2_CRC !== undefined) return;
        tag.C1G2_CRC = { CRC: view.getUint16(at + 1) };
        at += 3;
        break;
      case 0x8c:
        if (left < 3 || tag.C1G2_PC !== undefined) return;
        tag.C1G2_PC = { PC_Bits: view.getUint16(at + 1) };
        at += 3;
        break;
      case 0x8d:
        if (left < 13 || tag.EPC_96 !== undefined) return;
        tag.EPC_96 = { EPC: bytes.subarray(at + 1, at + 13) };
        at += 13;
        break;
      case 0x8e:
        if (left < 3 || tag.SpecIndex !== undefined) return;
        tag.SpecIndex = { SpecIndex: view.getUint16(at + 1) };
        at += 3;
        break;
      case 0x90:
        if (left < 5 || tag.AccessSpecID !== undefined) return;
        tag.AccessSpecID = { AccessSpecID: view.getUint32(at + 1) };
        at += 5;
        break;
      default:
        return;
    }
  }
};
