import type { ParameterTable } from "../definition.js";

/** What a reader is told to do (LLRP 1.1 §11.2). Times are milliseconds. */
export const readerOperation = {
  ROSpec: {
    tlv: 177,
    fields: { ROSpecID: "u32", Priority: "u8", CurrentState: "u8:ROSpecState" },
    parameters: { ROBoundarySpec: "1", SpecParameter: "1-N", ROReportSpec: "0-1" },
  },
  ROBoundarySpec: { tlv: 178, parameters: { ROSpecStartTrigger: "1", ROSpecStopTrigger: "1" } },
  ROSpecStartTrigger: {
    tlv: 179,
    fields: { ROSpecStartTriggerType: "u8:ROSpecStartTriggerType" },
    parameters: { PeriodicTriggerValue: "0-1", GPITriggerValue: "0-1" },
  },
  PeriodicTriggerValue: { tlv: 180, fields: { Offset: "u32", Period: "u32" }, parameters: { UTCTimestamp: "0-1" } },
  GPITriggerValue: { tlv: 181, fields: { GPIPortNum: "u16", GPIEvent: "u1", reserved: 7, Timeout: "u32" } },
  ROSpecStopTrigger: {
    tlv: 182,
    fields: { ROSpecStopTriggerType: "u8:ROSpecStopTriggerType", DurationTriggerValue: "u32" },
    parameters: { GPITriggerValue: "0-1" },
  },
  AISpec: {
    tlv: 183,
    fields: { AntennaIDs: "u16v" },
    parameters: { AISpecStopTrigger: "1", InventoryParameterSpec: "1-N", Custom: "0-N" },
  },
  AISpecStopTrigger: {
    tlv: 184,
    fields: { AISpecStopTriggerType: "u8:AISpecStopTriggerType", DurationTrigger: "u32" },
    parameters: { GPITriggerValue: "0-1", TagObservationTrigger: "0-1" },
  },
  TagObservationTrigger: {
    tlv: 185,
    fields: {
      TriggerType: "u8:TagObservationTriggerType",
      reserved: 8,
      NumberOfTags: "u16",
      NumberOfAttempts: "u16",
      T: "u16",
      Timeout: "u32",
    },
  },
  InventoryParameterSpec: {
    tlv: 186,
    fields: { InventoryParameterSpecID: "u16", ProtocolID: "u8:AirProtocols" },
    parameters: { AntennaConfiguration: "0-N", Custom: "0-N" },
  },
  RFSurveySpec: {
    tlv: 187,
    fields: { AntennaID: "u16", StartFrequency: "u32", EndFrequency: "u32" },
    parameters: { RFSurveySpecStopTrigger: "1", Custom: "0-N" },
  },
  RFSurveySpecStopTrigger: {
    tlv: 188,
    fields: { StopTriggerType: "u8:RFSurveySpecStopTriggerType", DurationPeriod: "u32", N: "u32" },
  },
  LoopSpec: { tlv: 355, fields: { LoopCount: "u32" } },
} as const satisfies ParameterTable;
