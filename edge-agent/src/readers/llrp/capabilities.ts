import {
  CommunicationsStandard,
  enumerationName,
  type LlrpMessageOf,
  type LlrpParameter,
} from "@storeward/codecs/llrp";
import type { LlrpReader } from "@storeward/contracts";
import { E } from "./errors.js";
import { IMPINJ } from "./impinj.js";

type Capabilities = LlrpMessageOf<"GET_READER_CAPABILITIES_RESPONSE">;

/** What is to be told to the transmitter of one antenna (LLRP 1.1 §13.2.9): indexes into the reader's own tables. */
export interface Transmitter {
  readonly antenna: number;
  readonly HopTableID: number;
  readonly ChannelIndex: number;
  readonly TransmitPower: number;
}

/** What of a reader's capabilities decides how it is told to read. */
export interface ReaderAbilities {
  readonly model: string;
  readonly firmware: string;
  readonly hold: boolean;
  readonly fillWarning: boolean;
  /** Impinj's extensions are on. */
  readonly extended: boolean;
  readonly transmitters: readonly Transmitter[];
}

/** Frequencies in kHz. */
const BANDS = { ETSI: [865_000, 868_000], FCC: [902_000, 928_000] } as const;
const STANDARDS = { ETSI: CommunicationsStandard.ETSI_302_208, FCC: CommunicationsStandard.US_FCC_Part_15 } as const;
export const VENDORS: Readonly<Record<number, string>> = { [IMPINJ]: "Impinj", 161: "Zebra" };
const ROLES = ["portal", "shelf"] as const;

/** The vendor's number; extensions are sent only to one that is known. */
export function vendorOf({ GeneralDeviceCapabilities: general }: Capabilities): number {
  return general?.DeviceManufacturerName ?? 0;
}

/**
 * Compares what the reader can do with what is configured. Throws LLRP_REGION, LLRP_ANTENNA, LLRP_POWER, LLRP_MODE or
 * LLRP_SEARCH: transmitting on a guess may be against the law, or leave an antenna without its tags unnoticed.
 */
export function readAbilities(
  capabilities: Capabilities,
  reader: LlrpReader,
  used: { has(antenna: number): boolean },
  extended: boolean,
): ReaderAbilities {
  const general = capabilities.GeneralDeviceCapabilities;
  const regulatory = capabilities.RegulatoryCapabilities;
  const uhf = regulatory?.UHFBandCapabilities;
  checkRegion(reader, regulatory?.CommunicationsStandard, uhf);
  checkModes(reader, uhf);
  checkSearch(reader, vendorOf(capabilities), extended);
  const count = general?.MaxNumberOfAntennaSupported ?? 0;
  const vendor = vendorOf(capabilities);
  return {
    model: `${VENDORS[vendor] ?? `vendor ${vendor}`} ${general?.ModelName ?? "?"}`.slice(0, 120),
    firmware: (general?.ReaderFirmwareVersion ?? "").slice(0, 120),
    hold: capabilities.LLRPCapabilities?.SupportsEventAndReportHolding ?? false,
    fillWarning: capabilities.LLRPCapabilities?.CanReportBufferFillWarning ?? false,
    extended,
    transmitters: reader.antennas
      .filter(({ antenna }) => used.has(antenna))
      .map(({ antenna, power }) => {
        if (antenna > count) throw E.LLRP_ANTENNA({ antenna, count });
        return { antenna, ...channel(uhf), TransmitPower: powerIndex(uhf, antenna, power) };
      }),
  };
}

function checkRegion(
  { region }: LlrpReader,
  standard: number | undefined,
  uhf: LlrpParameter<"UHFBandCapabilities"> | undefined,
): void {
  const expected = `${region} (${BANDS[region].map((kHz) => kHz / 1000).join(" to ")} MHz)`;
  const named = standard !== undefined && standard !== CommunicationsStandard.Unspecified;
  if (named && standard !== STANDARDS[region])
    throw E.LLRP_REGION({
      expected,
      actual: enumerationName(CommunicationsStandard, standard) ?? `standard ${standard}`,
    });
  const frequencies = frequenciesOf(uhf);
  if (!named && frequencies.length === 0) throw E.LLRP_REGION({ expected, actual: "a standard that it does not name" });
  const [low, high] = BANDS[region];
  const outside = frequencies.find((kHz) => kHz < low || kHz > high);
  if (outside !== undefined) throw E.LLRP_REGION({ expected, actual: `${outside / 1000} MHz` });
}

function checkModes({ reading }: LlrpReader, uhf: LlrpParameter<"UHFBandCapabilities"> | undefined): void {
  const known = (uhf?.C1G2UHFRFModeTable ?? []).flatMap((table) =>
    table.C1G2UHFRFModeTableEntry.map(({ ModeIdentifier }) => ModeIdentifier),
  );
  for (const role of ROLES) {
    const mode = reading?.[role]?.mode;
    if (mode !== undefined && !known.includes(mode))
      throw E.LLRP_MODE({ mode, role, known: known.join(", ") || "none" });
  }
}

function checkSearch({ reading }: LlrpReader, vendor: number, extended: boolean): void {
  for (const role of ROLES) {
    const search = reading?.[role]?.search;
    if (search === undefined || extended) continue;
    const why = vendor === IMPINJ ? "the reader's extensions are off" : "LLRP has search modes only for Impinj readers";
    throw E.LLRP_SEARCH({ search, role, why });
  }
}

export function frequenciesOf(uhf: LlrpParameter<"UHFBandCapabilities"> | undefined): number[] {
  const information = uhf?.FrequencyInformation;
  const hopping = (information?.FrequencyHopTable ?? []).flatMap((table) => [...table.Frequency]);
  return [...hopping, ...(information?.FixedFrequencyTable?.Frequency ?? [])];
}

/** A hopping reader is given its hop table, one with fixed channels the first of them; both count from 1 (LLRP 1.1 §13.2.9). */
function channel(
  uhf: LlrpParameter<"UHFBandCapabilities"> | undefined,
): Pick<Transmitter, "HopTableID" | "ChannelIndex"> {
  const information = uhf?.FrequencyInformation;
  if (information?.Hopping) return { HopTableID: information.FrequencyHopTable?.[0]?.HopTableID ?? 1, ChannelIndex: 0 };
  return { HopTableID: 0, ChannelIndex: 1 };
}

/** The entry of the power table that is nearest to `power` (dBm) without being above it; entries are 0.01 dBm. */
function powerIndex(uhf: LlrpParameter<"UHFBandCapabilities"> | undefined, antenna: number, power: number): number {
  const table = (uhf?.TransmitPowerLevelTableEntry ?? []).map((entry) => ({
    index: entry.Index,
    power: entry.TransmitPowerValue / 100,
  }));
  const powers = table.map((entry) => entry.power);
  const min = powers.length === 0 ? 0 : Math.min(...powers);
  const max = powers.length === 0 ? 0 : Math.max(...powers);
  const fitting = table.filter((entry) => entry.power <= power + 0.005);
  const best = fitting.reduce((a, b) => (b.power > a.power ? b : a), fitting[0] ?? { index: 0, power: Number.NaN });
  if (fitting.length === 0 || power > max + 0.005) throw E.LLRP_POWER({ antenna, power, min, max });
  return best.index;
}
