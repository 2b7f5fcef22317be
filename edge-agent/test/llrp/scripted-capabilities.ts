import type { Behaviour } from "./scripted-reader.js";

/** What a scripted reader says that it can do: four antennas, powers of 10 to 30 dBm, one RF mode. */
export function scriptedCapabilities(behaviour: Behaviour) {
  const standard = behaviour.standard ?? 2;
  return {
    GeneralDeviceCapabilities: {
      MaxNumberOfAntennaSupported: 4,
      CanSetAntennaProperties: false,
      HasUTCClockCapability: false,
      DeviceManufacturerName: behaviour.impinj ? 25882 : 32473,
      ModelName: 2001002,
      ReaderFirmwareVersion: "5.14",
      ReceiveSensitivityTableEntry: [{ Index: 1, ReceiveSensitivityValue: -80 }],
      GPIOCapabilities: { NumGPIs: 4, NumGPOs: 4 },
      PerAntennaAirProtocol: [{ AntennaID: 1, ProtocolID: new Uint8Array([1]) }],
    },
    LLRPCapabilities: {
      CanDoRFSurvey: false,
      CanReportBufferFillWarning: true,
      SupportsClientRequestOpSpec: false,
      CanDoTagInventoryStateAwareSingulation: false,
      SupportsEventAndReportHolding: behaviour.hold ?? true,
      MaxNumPriorityLevelsSupported: 1,
      ClientRequestOpSpecTimeout: 0,
      MaxNumROSpecs: 1,
      MaxNumSpecsPerROSpec: 8,
      MaxNumInventoryParameterSpecsPerAISpec: 1,
      MaxNumAccessSpecs: 1,
      MaxNumOpSpecsPerAccessSpec: 1,
    },
    RegulatoryCapabilities: {
      CountryCode: 276,
      CommunicationsStandard: standard,
      UHFBandCapabilities: {
        TransmitPowerLevelTableEntry: [10, 20, 25, 30].map((dBm, i) => ({
          Index: i + 1,
          TransmitPowerValue: dBm * 100,
        })),
        FrequencyInformation: {
          Hopping: standard === 1,
          ...(standard === 1
            ? { FrequencyHopTable: [{ HopTableID: 1, Frequency: [902_750, 927_250] }] }
            : { FixedFrequencyTable: { Frequency: [865_700, 867_500] } }),
        },
        C1G2UHFRFModeTable: [
          {
            C1G2UHFRFModeTableEntry: [
              {
                ModeIdentifier: 0,
                DRValue: 1,
                EPCHAGTCConformance: false,
                MValue: 0,
                ForwardLinkModulation: 0,
                SpectralMaskIndicator: 2,
                BDRValue: 640_000,
                PIEValue: 1500,
                MinTariValue: 6250,
                MaxTariValue: 6250,
                StepTariValue: 0,
              },
            ],
          },
        ],
      },
    },
  };
}
