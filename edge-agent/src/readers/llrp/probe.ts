import {
  CommunicationsStandard,
  enumerationName,
  GetReaderCapabilitiesRequestedData,
  GetReaderConfigRequestedData,
  type LlrpMessageOf,
} from "@storeward/codecs/llrp";
import { Counters } from "../counters.js";
import type { Probe, ProbeContext, ProbeReport, ProbeTarget } from "../probe.js";
import { frequenciesOf, VENDORS } from "./capabilities.js";
import { LlrpConnection } from "./connection.js";
import { dial } from "./dial.js";
import { E } from "./errors.js";

type Capabilities = LlrpMessageOf<"GET_READER_CAPABILITIES_RESPONSE">;
type Config = LlrpMessageOf<"GET_READER_CONFIG_RESPONSE">;

/**
 * Asks an LLRP reader, in version 1.0.1, which all understand. Reports that it holds stay held: only ENABLE_EVENTS_AND_REPORTS releases
 * them (LLRP 1.1 §14.2.1). A reader that is being read refuses, for it has one client at a time.
 */
export const probeLlrp: Probe = async (target, context) => {
  const connection = connect(target, context);
  const onAbort = (): void => connection.end(context.signal.reason);
  context.signal.addEventListener("abort", onAbort, { once: true });
  try {
    await connection.greeted();
    const capabilities = await connection.request(
      { type: "GET_READER_CAPABILITIES", RequestedData: GetReaderCapabilitiesRequestedData.All },
      "GET_READER_CAPABILITIES_RESPONSE",
    );
    const RequestedData = GetReaderConfigRequestedData.All;
    const config = await connection.request(
      { type: "GET_READER_CONFIG", AntennaID: 0, RequestedData, GPIPortNum: 0, GPOPortNum: 0 },
      "GET_READER_CONFIG_RESPONSE",
    );
    await connection.request({ type: "CLOSE_CONNECTION" }, "CLOSE_CONNECTION_RESPONSE").catch(() => undefined);
    return reportOf(capabilities, config);
  } finally {
    context.signal.removeEventListener("abort", onAbort);
    connection.end(E.LLRP_CLOSED({ reason: "asked" }));
  }
};

function connect(target: ProbeTarget, { clock, log }: ProbeContext): LlrpConnection {
  return new LlrpConnection({ ...dial(target), clock, log, counters: new Counters() });
}

function reportOf(capabilities: Capabilities, config: Config): ProbeReport {
  const general = capabilities.GeneralDeviceCapabilities;
  const regulatory = capabilities.RegulatoryCapabilities;
  const llrp = capabilities.LLRPCapabilities;
  const vendor = general?.DeviceManufacturerName ?? 0;
  const standard = regulatory?.CommunicationsStandard ?? 0;
  const inputs = general?.GPIOCapabilities?.NumGPIs ?? 0;
  const antennas = config.AntennaProperties ?? [];
  return {
    model: `${VENDORS[vendor] ?? `vendor ${vendor}`} ${general?.ModelName ?? "?"}`,
    firmware: general?.ReaderFirmwareVersion,
    region: `${enumerationName(CommunicationsStandard, standard) ?? `standard ${standard}`}${bandOf(regulatory)}`,
    antennas: Array.from({ length: general?.MaxNumberOfAntennaSupported ?? 0 }, (_, index) => index + 1),
    ...(antennas.length === 0
      ? {}
      : { connected: antennas.filter((one) => one.AntennaConnected).map((one) => one.AntennaID) }),
    power: powerOf(regulatory),
    features: [
      ...(llrp?.SupportsEventAndReportHolding ? ["holds reports while nobody is connected"] : []),
      ...(llrp?.CanReportBufferFillWarning ? ["warns before its report buffer is full"] : []),
      ...(general?.HasUTCClockCapability ? ["UTC clock"] : []),
      ...(inputs > 0 ? [`${inputs} inputs`] : []),
    ],
    notes: llrp?.SupportsEventAndReportHolding ? [] : ["Time without a connection is blind: it does not hold reports."],
  };
}

function bandOf(regulatory: Capabilities["RegulatoryCapabilities"]): string {
  const frequencies = frequenciesOf(regulatory?.UHFBandCapabilities);
  if (frequencies.length === 0) return "";
  return `, ${Math.min(...frequencies) / 1000} to ${Math.max(...frequencies) / 1000} MHz`;
}

function powerOf(regulatory: Capabilities["RegulatoryCapabilities"]): string | undefined {
  const levels = (regulatory?.UHFBandCapabilities?.TransmitPowerLevelTableEntry ?? []).map(
    (entry) => entry.TransmitPowerValue / 100,
  );
  return levels.length === 0 ? undefined : `${Math.min(...levels)} to ${Math.max(...levels)} dBm`;
}
