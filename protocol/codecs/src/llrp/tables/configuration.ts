import type { ParameterTable } from "../definition.js";

/** Configuration of a reader (LLRP 1.1 §13.2). Antenna gain is 0.01 dBi. */
export const configuration = {
  LLRPConfigurationStateValue: { tlv: 217, fields: { LLRPConfigurationStateValue: "u32" } },
  Identification: { tlv: 218, fields: { IDType: "u8:IdentificationType", ReaderID: "u8v" } },
  GPOWriteData: { tlv: 219, fields: { GPOPortNumber: "u16", GPOData: "u1", reserved: 7 } },
  KeepaliveSpec: { tlv: 220, fields: { KeepaliveTriggerType: "u8:KeepaliveTriggerType", PeriodicTriggerValue: "u32" } },
  AntennaProperties: {
    tlv: 221,
    fields: { AntennaConnected: "u1", reserved: 7, AntennaID: "u16", AntennaGain: "s16" },
  },
  AntennaConfiguration: {
    tlv: 222,
    fields: { AntennaID: "u16" },
    parameters: { RFReceiver: "0-1", RFTransmitter: "0-1", C1G2InventoryCommand: "0-N", Custom: "0-N" },
  },
  RFReceiver: { tlv: 223, fields: { ReceiverSensitivity: "u16" } },
  RFTransmitter: { tlv: 224, fields: { HopTableID: "u16", ChannelIndex: "u16", TransmitPower: "u16" } },
  GPIPortCurrentState: { tlv: 225, fields: { GPIPortNum: "u16", Config: "u1", reserved: 7, State: "u8:GPIPortState" } },
  EventsAndReports: { tlv: 226, fields: { HoldEventsAndReportsUponReconnect: "u1", reserved: 7 } },
} as const satisfies ParameterTable;
