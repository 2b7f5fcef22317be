import type { ParameterTable } from "../definition.js";

/** Operations on the memory of tags (LLRP 1.1 §12.2, §16.2.1.3). */
export const access = {
  AccessSpec: {
    tlv: 207,
    fields: {
      AccessSpecID: "u32",
      AntennaID: "u16",
      ProtocolID: "u8:AirProtocols",
      CurrentState: "u1:AccessSpecState",
      reserved: 7,
      ROSpecID: "u32",
    },
    parameters: { AccessSpecStopTrigger: "1", AccessCommand: "1", AccessReportSpec: "0-1", Custom: "0-N" },
  },
  AccessSpecStopTrigger: {
    tlv: 208,
    fields: { AccessSpecStopTrigger: "u8:AccessSpecStopTriggerType", OperationCountValue: "u16" },
  },
  AccessCommand: { tlv: 209, parameters: { C1G2TagSpec: "1", AccessCommandOpSpec: "1-N" } },
  ClientRequestOpSpec: { tlv: 210, fields: { OpSpecID: "u16" } },
  ClientRequestResponse: {
    tlv: 211,
    fields: { AccessSpecID: "u32" },
    parameters: { EPCData: "1", AccessCommandOpSpec: "0-N" },
  },
  C1G2TagSpec: { tlv: 338, parameters: { C1G2TargetTag: "1-N" } },
  C1G2TargetTag: {
    tlv: 339,
    fields: { MB: "u2", Match: "u1", reserved: 5, Pointer: "u16", TagMask: "u1v", TagData: "u1v" },
  },
  C1G2Read: {
    tlv: 341,
    fields: { OpSpecID: "u16", AccessPassword: "u32", MB: "u2", reserved: 6, WordPointer: "u16", WordCount: "u16" },
  },
  C1G2Write: {
    tlv: 342,
    fields: { OpSpecID: "u16", AccessPassword: "u32", MB: "u2", reserved: 6, WordPointer: "u16", WriteData: "u16v" },
  },
  C1G2Kill: { tlv: 343, fields: { OpSpecID: "u16", KillPassword: "u32" } },
  C1G2Lock: { tlv: 344, fields: { OpSpecID: "u16", AccessPassword: "u32" }, parameters: { C1G2LockPayload: "1-N" } },
  C1G2LockPayload: { tlv: 345, fields: { Privilege: "u8:C1G2LockPrivilege", DataField: "u8:C1G2LockDataField" } },
  C1G2BlockErase: {
    tlv: 346,
    fields: { OpSpecID: "u16", AccessPassword: "u32", MB: "u2", reserved: 6, WordPointer: "u16", WordCount: "u16" },
  },
  C1G2BlockWrite: {
    tlv: 347,
    fields: { OpSpecID: "u16", AccessPassword: "u32", MB: "u2", reserved: 6, WordPointer: "u16", WriteData: "u16v" },
  },
  C1G2Recommission: {
    tlv: 357,
    fields: { OpSpecID: "u16", KillPassword: "u32", reserved: 5, ThreeSB: "u1", TwoSB: "u1", LSB: "u1" },
  },
  C1G2BlockPermalock: {
    tlv: 358,
    fields: { OpSpecID: "u16", AccessPassword: "u32", MB: "u2", reserved: 6, BlockPointer: "u16", BlockMask: "u16v" },
  },
  C1G2GetBlockPermalockStatus: {
    tlv: 359,
    fields: { OpSpecID: "u16", AccessPassword: "u32", MB: "u2", reserved: 6, BlockPointer: "u16", BlockRange: "u16" },
  },
} as const satisfies ParameterTable;
