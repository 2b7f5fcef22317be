import type { MessageTable, ParameterTable } from "../definition.js";

const VENDOR = 161;

/** Zebra's (once Motorola's) messages about tags that come, stay and go. */
export const zebraMessages = {
  MOTO_GET_TAG_EVENT_REPORT: { custom: [VENDOR, 2] },
  MOTO_PURGE_TAGS: {
    custom: [VENDOR, 3],
    fields: { PurgeTagEventStateOnly: "u1", reserved: 7, Data: "bytesToEnd" },
  },
  MOTO_PURGE_TAGS_RESPONSE: { custom: [VENDOR, 4], parameters: { LLRPStatus: "1" } },
  MOTO_TAG_EVENT_NOTIFY: { custom: [VENDOR, 5] },
} as const satisfies MessageTable;

/**
 * Zebra's parameters, in the sizes that an FX9600 sends: the capabilities and the tag report's parameters are shorter there
 * by the reserved bits that the vendor's guide counts behind them. One of another size stays a `Custom`.
 */
export const zebra = {
  MotoGeneralCapabilities: {
    custom: [VENDOR, 1],
    fields: {
      Version: "u32",
      CanGetGeneralParams: "u1",
      CanReportPartNumber: "u1",
      CanReportRadioVersion: "u1",
      CanSupportRadioPowerState: "u1",
      CanSupportRadioTransmitDelay: "u1",
      CanSupportZebraTrigger: "u1",
      reserved: 2,
    },
  },
  MotoGeneralRequestCapabilities: { custom: [VENDOR, 50], fields: { RequestedData: "u8:MotoRequestedCapabilities" } },
  MotoAutonomousCapabilities: {
    custom: [VENDOR, 100],
    fields: { Version: "u32", CanSupportAutonomousMode: "u1", reserved: 7 },
  },
  MotoAdvancedCapabilities: {
    custom: [VENDOR, 110],
    fields: {
      Version: "u32",
      CanReportPhase: "u1",
      CanSupportZone: "u1",
      CanSupportAntennaRFConfig: "u1",
      CanSupportPeriodicTagReports: "u1",
      CanSupportSledBatteryStatus: "u1",
      CanSupportLogicalAntenna: "u1",
      CanReportGPS: "u1",
      reserved: 1,
    },
  },
  MotoTagEventsGenerationCapabilities: {
    custom: [VENDOR, 120],
    fields: {
      Version: "u32",
      CanSelectTagEvents: "u1",
      CanSelectTagReportingFormat: "u1",
      CanSelectMovingEvent: "u1",
      reserved: 5,
    },
  },
  MotoFilterCapabilities: {
    custom: [VENDOR, 200],
    fields: {
      Version: "u32",
      CanFilterTagsBasedOnRSSI: "u1",
      CanFilterTagsBasedOnTimeOfDay: "u1",
      CanFilterTagsBasedOnUTCTimeStamp: "u1",
      reserved: 5,
    },
  },
  MotoPersistenceCapabilities: {
    custom: [VENDOR, 300],
    fields: { Version: "u32", CanSaveConfiguration: "u1", CanSaveTags: "u1", CanSaveEvents: "u1", reserved: 5 },
  },
  MotoC1G2LLRPCapabilities: {
    custom: [VENDOR, 400],
    fields: {
      Version: "u32",
      CanSupportBlockPermalock: "u1",
      CanSupportRecommissioning: "u1",
      CanWriteUMI: "u1",
      CanSupportNXPCustomCommands: "u1",
      CanSupportFujitsuCustomCommands: "u1",
      CanSupportG2V2Commands: "u1",
      reserved: 2,
    },
  },
  MotoTagReportContentSelector: {
    custom: [VENDOR, 708],
    fields: {
      EnableZoneID: "u1",
      EnableZoneName: "u1",
      EnableAntennaPhysicalPortConfig: "u1",
      EnablePhase: "u1",
      EnableGPS: "u1",
      EnableMLTReport: "u1",
      reserved: 26,
    },
  },
  /** -32768 is -π, 32767 just below π. */
  MotoTagPhase: { custom: [VENDOR, 709], fields: { Phase: "s16" } },
  /** Of NXP's UCODE 8 and later. */
  BrandIDCheckStatus: { custom: [VENDOR, 712], fields: { BrandID: "u8" } },
} as const satisfies ParameterTable;
