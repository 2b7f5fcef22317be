import type { MessageTable, ParameterTable } from "../definition.js";

const VENDOR = 25882;

/** Impinj's messages; a reader heeds the extensions only after IMPINJ_ENABLE_EXTENSIONS. */
export const impinjMessages = {
  IMPINJ_ENABLE_EXTENSIONS: { custom: [VENDOR, 21], fields: { reserved: 32 }, parameters: { Custom: "0-N" } },
  IMPINJ_ENABLE_EXTENSIONS_RESPONSE: { custom: [VENDOR, 22], parameters: { LLRPStatus: "1", Custom: "0-N" } },
  IMPINJ_SAVE_SETTINGS: {
    custom: [VENDOR, 23],
    fields: { SaveConfiguration: "u1", reserved: 7 },
    parameters: { Custom: "0-N" },
  },
  IMPINJ_SAVE_SETTINGS_RESPONSE: { custom: [VENDOR, 24], parameters: { LLRPStatus: "1", Custom: "0-N" } },
} as const satisfies MessageTable;

/** Impinj's parameters: search modes, frequencies, link monitor, and what a tag report may hold besides. */
export const impinj = {
  ImpinjRequestedData: {
    custom: [VENDOR, 21],
    fields: { RequestedData: "u32:ImpinjRequestedDataType" },
    parameters: { Custom: "0-N" },
  },
  ImpinjSubRegulatoryRegion: {
    custom: [VENDOR, 22],
    fields: { RegulatoryRegion: "u16" },
    parameters: { Custom: "0-N" },
  },
  ImpinjInventorySearchMode: {
    custom: [VENDOR, 23],
    fields: { InventorySearchMode: "u16:ImpinjInventorySearchType" },
    parameters: { Custom: "0-N" },
  },
  ImpinjFixedFrequencyList: {
    custom: [VENDOR, 26],
    fields: { FixedFrequencyMode: "u16:ImpinjFixedFrequencyMode", reserved: 16, ChannelList: "u16v" },
    parameters: { Custom: "0-N" },
  },
  ImpinjReducedPowerFrequencyList: {
    custom: [VENDOR, 27],
    fields: { ReducedPowerMode: "u16:ImpinjMode", reserved: 16, ChannelList: "u16v" },
    parameters: { Custom: "0-N" },
  },
  ImpinjLowDutyCycle: {
    custom: [VENDOR, 28],
    fields: { LowDutyCycleMode: "u16:ImpinjMode", EmptyFieldTimeout: "u16", FieldPingInterval: "u16" },
    parameters: { Custom: "0-N" },
  },
  ImpinjFrequencyCapabilities: {
    custom: [VENDOR, 30],
    fields: { FrequencyList: "u32v" },
    parameters: { Custom: "0-N" },
  },
  ImpinjGPIDebounceConfiguration: {
    custom: [VENDOR, 36],
    fields: { GPIPortNum: "u16", GPIDebounceTimerMSec: "u32" },
    parameters: { Custom: "0-N" },
  },
  ImpinjReaderTemperature: { custom: [VENDOR, 37], fields: { Temperature: "s16" }, parameters: { Custom: "0-N" } },
  ImpinjLinkMonitorConfiguration: {
    custom: [VENDOR, 38],
    fields: { LinkMonitorMode: "u16:ImpinjMode", LinkDownThreshold: "u16" },
    parameters: { Custom: "0-N" },
  },
  ImpinjReportBufferConfiguration: {
    custom: [VENDOR, 39],
    fields: { ReportBufferMode: "u16:ImpinjReportBufferMode" },
    parameters: { Custom: "0-N" },
  },
  ImpinjTagReportContentSelector: {
    custom: [VENDOR, 50],
    parameters: {
      ImpinjEnableSerializedTID: "0-1",
      ImpinjEnableRFPhaseAngle: "0-1",
      ImpinjEnablePeakRSSI: "0-1",
      ImpinjEnableGPSCoordinates: "0-1",
      ImpinjEnableOptimizedRead: "0-1",
      ImpinjEnableRFDopplerFrequency: "0-1",
      Custom: "0-N",
    },
  },
  ImpinjEnableSerializedTID: {
    custom: [VENDOR, 51],
    fields: { SerializedTIDMode: "u16:ImpinjMode" },
    parameters: { Custom: "0-N" },
  },
  ImpinjEnableRFPhaseAngle: {
    custom: [VENDOR, 52],
    fields: { RFPhaseAngleMode: "u16:ImpinjMode" },
    parameters: { Custom: "0-N" },
  },
  ImpinjEnablePeakRSSI: {
    custom: [VENDOR, 53],
    fields: { PeakRSSIMode: "u16:ImpinjMode" },
    parameters: { Custom: "0-N" },
  },
  ImpinjEnableGPSCoordinates: {
    custom: [VENDOR, 54],
    fields: { GPSCoordinatesMode: "u16:ImpinjMode" },
    parameters: { Custom: "0-N" },
  },
  ImpinjSerializedTID: { custom: [VENDOR, 55], fields: { TID: "u16v" }, parameters: { Custom: "0-N" } },
  /** 0 to 4095 is 0 to 2π. */
  ImpinjRFPhaseAngle: { custom: [VENDOR, 56], fields: { PhaseAngle: "u16" }, parameters: { Custom: "0-N" } },
  /** 0.01 dBm. */
  ImpinjPeakRSSI: { custom: [VENDOR, 57], fields: { RSSI: "s16" }, parameters: { Custom: "0-N" } },
  ImpinjGPSCoordinates: {
    custom: [VENDOR, 58],
    fields: { Latitude: "s32", Longitude: "s32" },
    parameters: { Custom: "0-N" },
  },
  ImpinjEnableOptimizedRead: {
    custom: [VENDOR, 65],
    fields: { OptimizedReadMode: "u16:ImpinjMode" },
    parameters: { C1G2Read: "0-N", Custom: "0-N" },
  },
  ImpinjEnableRFDopplerFrequency: {
    custom: [VENDOR, 67],
    fields: { RFDopplerFrequencyMode: "u16:ImpinjMode" },
    parameters: { Custom: "0-N" },
  },
  /** 1/16 Hz. */
  ImpinjRFDopplerFrequency: {
    custom: [VENDOR, 68],
    fields: { DopplerFrequency: "s16" },
    parameters: { Custom: "0-N" },
  },
} as const satisfies ParameterTable;
