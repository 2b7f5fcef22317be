import type { ParameterTable } from "../definition.js";

/** Events and which of them are sent (LLRP 1.1 §14.2.5, §14.2.6). */
export const events = {
  ReaderEventNotificationSpec: { tlv: 244, parameters: { EventNotificationState: "1-N" } },
  EventNotificationState: {
    tlv: 245,
    fields: { EventType: "u16:NotificationEventType", NotificationState: "u1", reserved: 7 },
  },
  ReaderEventNotificationData: {
    tlv: 246,
    parameters: {
      UTCTimestamp: "0-1",
      Uptime: "0-1",
      HoppingEvent: "0-1",
      GPIEvent: "0-1",
      ROSpecEvent: "0-1",
      ReportBufferLevelWarningEvent: "0-1",
      ReportBufferOverflowErrorEvent: "0-1",
      ReaderExceptionEvent: "0-1",
      RFSurveyEvent: "0-1",
      AISpecEvent: "0-1",
      AntennaEvent: "0-1",
      ConnectionAttemptEvent: "0-1",
      ConnectionCloseEvent: "0-1",
      SpecLoopEvent: "0-1",
      Custom: "0-N",
    },
  },
  HoppingEvent: { tlv: 247, fields: { HopTableID: "u16", NextChannelIndex: "u16" } },
  GPIEvent: { tlv: 248, fields: { GPIPortNumber: "u16", GPIEvent: "u1", reserved: 7 } },
  ROSpecEvent: { tlv: 249, fields: { EventType: "u8:ROSpecEventType", ROSpecID: "u32", PreemptingROSpecID: "u32" } },
  ReportBufferLevelWarningEvent: { tlv: 250, fields: { ReportBufferPercentageFull: "u8" } },
  ReportBufferOverflowErrorEvent: { tlv: 251 },
  ReaderExceptionEvent: {
    tlv: 252,
    fields: { Message: "utf8v" },
    parameters: {
      ROSpecID: "0-1",
      SpecIndex: "0-1",
      InventoryParameterSpecID: "0-1",
      AntennaID: "0-1",
      AccessSpecID: "0-1",
      OpSpecID: "0-1",
      Custom: "0-N",
    },
  },
  RFSurveyEvent: { tlv: 253, fields: { EventType: "u8:RFSurveyEventType", ROSpecID: "u32", SpecIndex: "u16" } },
  AISpecEvent: {
    tlv: 254,
    fields: { EventType: "u8:AISpecEventType", ROSpecID: "u32", SpecIndex: "u16" },
    parameters: { C1G2SingulationDetails: "0-1" },
  },
  AntennaEvent: { tlv: 255, fields: { EventType: "u8:AntennaEventType", AntennaID: "u16" } },
  ConnectionAttemptEvent: { tlv: 256, fields: { Status: "u16:ConnectionAttemptStatusType" } },
  ConnectionCloseEvent: { tlv: 257 },
  SpecLoopEvent: { tlv: 356, fields: { ROSpecID: "u32", LoopCount: "u32" } },
} as const satisfies ParameterTable;
