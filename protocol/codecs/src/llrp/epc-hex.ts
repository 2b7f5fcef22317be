import type { LlrpParameter } from "./types.js";

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0").toUpperCase());

/** The bytes as upper-case hexadecimal digits. */
export function hexOf(bytes: Uint8Array): string {
  let hex = "";
  for (let i = 0; i < bytes.length; i++) hex += HEX[bytes[i] ?? 0];
  return hex;
}

/** The EPC of a report as upper-case hex, whichever of EPC_96 and EPCData holds it; undefined where none does. */
export function epcHexOf(report: LlrpParameter<"TagReportData">): string | undefined {
  const bytes = report.EPC_96?.EPC ?? report.EPCData?.EPC.bytes;
  return bytes === undefined ? undefined : hexOf(bytes);
}
