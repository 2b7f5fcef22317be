import {
  AirProtocols,
  CommunicationsStandard,
  type LlrpMessageInputOf,
  type LlrpParameter,
  type LlrpVersion,
  GetReaderCapabilitiesRequestedData as Requested,
} from "@storeward/codecs/llrp";
import { fieldFault, SUCCESS } from "./fault.js";
import { type LlrpFlavour, manufacturerOf } from "./flavour.js";

export const LIMITS = {
  roSpecs: 16,
  specsPerROSpec: 16,
  inventoryParameterSpecs: 4,
  accessSpecs: 32,
  opSpecsPerAccessSpec: 8,
  filters: 4,
  modes: 3,
} as const;

const BANDS = {
  ETSI: { country: 276, standard: CommunicationsStandard.ETSI_302_208, strongest: 3150 },
  FCC: { country: 840, standard: CommunicationsStandard.US_FCC_Part_15, strongest: 3250 },
} as const;
const WEAKEST = 1000;
const POWER_STEP = 25;

export type Band = keyof typeof BANDS;

/** Channels in kHz; ChannelIndex counts from 1. ETSI EN 302 208 lower band; FCC Part 15.247. */
export function channelsOf(band: Band): number[] {
  if (band === "ETSI") return [865_700, 866_300, 866_900, 867_500];
  return Array.from({ length: 50 }, (_, index) => 902_750 + 500 * index);
}

/** Transmit power of an index of the table, dBm; undefined for an index that is not in it. */
export function powerAt(band: Band, index: number): number | undefined {
  const value = WEAKEST + (index - 1) * POWER_STEP;
  return index >= 1 && value <= BANDS[band].strongest ? value / 100 : undefined;
}

/** The index of the strongest transmit power: where a reader stands that nobody has configured. */
export function strongestIndex(band: Band): number {
  return (BANDS[band].strongest - WEAKEST) / POWER_STEP + 1;
}

interface Built {
  readonly band: Band;
  readonly antennas: readonly number[];
  readonly firmware: string;
  readonly flavour: LlrpFlavour;
}

/** GET_READER_CAPABILITIES (LLRP 1.1 §10.1). What 1.1 added is left out for a client of 1.0.1. */
export function capabilities(
  requested: number,
  version: LlrpVersion,
  reader: Built,
): Omit<LlrpMessageInputOf<"GET_READER_CAPABILITIES_RESPONSE">, "id"> {
  if (requested > Requested.LLRP_Air_Protocol_Capabilities) {
    throw fieldFault(0, "A_Invalid", `RequestedData has no value ${requested}`);
  }
  const wants = (part: number) => requested === Requested.All || requested === part;
  return {
    type: "GET_READER_CAPABILITIES_RESPONSE",
    LLRPStatus: SUCCESS,
    ...(wants(Requested.General_Device_Capabilities) ? { GeneralDeviceCapabilities: device(version, reader) } : {}),
    ...(wants(Requested.LLRP_Capabilities) ? { LLRPCapabilities: protocol(reader.flavour) } : {}),
    ...(wants(Requested.Regulatory_Capabilities) ? { RegulatoryCapabilities: regulatory(reader.band) } : {}),
    ...(wants(Requested.LLRP_Air_Protocol_Capabilities) ? { C1G2LLRPCapabilities: gen2 } : {}),
  };
}

function device(
  version: LlrpVersion,
  { antennas, firmware, flavour }: Built,
): LlrpParameter<"GeneralDeviceCapabilities"> {
  return {
    MaxNumberOfAntennaSupported: antennas.length,
    CanSetAntennaProperties: false,
    HasUTCClockCapability: flavour.utc !== false,
    DeviceManufacturerName: manufacturerOf(flavour),
    ModelName: antennas.length,
    ReaderFirmwareVersion: firmware,
    ReceiveSensitivityTableEntry: [{ Index: 1, ReceiveSensitivityValue: 0 }],
    GPIOCapabilities: { NumGPIs: 0, NumGPOs: 0 },
    PerAntennaAirProtocol: antennas.map((AntennaID) => ({
      AntennaID,
      ProtocolID: new Uint8Array([AirProtocols.EPCGlobalClass1Gen2]),
    })),
    ...(version >= 2 ? { MaximumReceiveSensitivity: { MaximumSensitivityValue: -82 } } : {}),
  };
}

const protocol = ({ hold }: LlrpFlavour): LlrpParameter<"LLRPCapabilities"> => ({
  CanDoRFSurvey: false,
  CanReportBufferFillWarning: true,
  SupportsClientRequestOpSpec: false,
  CanDoTagInventoryStateAwareSingulation: false,
  SupportsEventAndReportHolding: hold !== false,
  MaxNumPriorityLevelsSupported: 1,
  ClientRequestOpSpecTimeout: 0,
  MaxNumROSpecs: LIMITS.roSpecs,
  MaxNumSpecsPerROSpec: LIMITS.specsPerROSpec,
  MaxNumInventoryParameterSpecsPerAISpec: LIMITS.inventoryParameterSpecs,
  MaxNumAccessSpecs: LIMITS.accessSpecs,
  MaxNumOpSpecsPerAccessSpec: LIMITS.opSpecsPerAccessSpec,
});

const gen2: LlrpParameter<"C1G2LLRPCapabilities"> = {
  CanSupportBlockErase: false,
  CanSupportBlockWrite: false,
  CanSupportBlockPermalock: false,
  CanSupportTagRecommissioning: false,
  CanSupportUMIMethod2: false,
  CanSupportXPC: false,
  MaxNumSelectFiltersPerQuery: LIMITS.filters,
};

function regulatory(band: Band): LlrpParameter<"RegulatoryCapabilities"> {
  const { country, standard } = BANDS[band];
  const frequencies = channelsOf(band);
  return {
    CountryCode: country,
    CommunicationsStandard: standard,
    UHFBandCapabilities: {
      TransmitPowerLevelTableEntry: Array.from({ length: strongestIndex(band) }, (_, index) => ({
        Index: index + 1,
        TransmitPowerValue: WEAKEST + index * POWER_STEP,
      })),
      FrequencyInformation:
        band === "ETSI"
          ? { Hopping: false, FixedFrequencyTable: { Frequency: frequencies } }
          : { Hopping: true, FrequencyHopTable: [{ HopTableID: 1, Frequency: frequencies }] },
      C1G2UHFRFModeTable: [
        { C1G2UHFRFModeTableEntry: Array.from({ length: LIMITS.modes }, (_, mode) => modeEntry(mode)) },
      ],
    },
  };
}

/** FM0, Miller 2 and Miller 4: faster to more robust. */
function modeEntry(mode: number): LlrpParameter<"C1G2UHFRFModeTableEntry"> {
  return {
    ModeIdentifier: mode,
    DRValue: 1,
    EPCHAGTCConformance: false,
    MValue: mode,
    ForwardLinkModulation: 0,
    SpectralMaskIndicator: 2,
    BDRValue: [640_000, 320_000, 256_000][mode] ?? 256_000,
    PIEValue: [1500, 1500, 2000][mode] ?? 2000,
    MinTariValue: [6250, 12_500, 20_000][mode] ?? 20_000,
    MaxTariValue: [6250, 12_500, 20_000][mode] ?? 20_000,
    StepTariValue: 0,
  };
}
