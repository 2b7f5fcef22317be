import type { LlrpParameter } from "./types.js";

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0").toUpperCase());
const HIGH = Uint8Array.from(HEX, (pair) => pair.charCodeAt(0));
const LOW = Uint8Array.from(HEX, (pair) => pair.charCodeAt(1));

/** The bytes as upper-case hexadecimal digits. */
export function hexOf(bytes: Uint8Array): string {
  return hexOfRange(bytes, 0, bytes.length);
}

/** The same of `count` bytes from `at` on, all of them within `bytes`. */
export function hexOfRange(bytes: Uint8Array, at: number, count: number): string {
  if (count === 12) return hexOf96(bytes, at);
  let hex = "";
  for (let i = at; i < at + count; i++) hex += HEX[bytes[i] ?? 0];
  return hex;
}

/** Most EPCs have 96 bits: one string of 24 known digits is made in half the time in which pairs are joined. */
function hexOf96(bytes: Uint8Array, at: number): string {
  const a = bytes[at] ?? 0;
  const b = bytes[at + 1] ?? 0;
  const c = bytes[at + 2] ?? 0;
  const d = bytes[at + 3] ?? 0;
  const e = bytes[at + 4] ?? 0;
  const f = bytes[at + 5] ?? 0;
  const g = bytes[at + 6] ?? 0;
  const h = bytes[at + 7] ?? 0;
  const i = bytes[at + 8] ?? 0;
  const j = bytes[at + 9] ?? 0;
  const k = bytes[at + 10] ?? 0;
  const l = bytes[at + 11] ?? 0;
  // biome-ignore format: pairs of digits
  return String.fromCharCode(
    HIGH[a] ?? 0, LOW[a] ?? 0, HIGH[b] ?? 0, LOW[b] ?? 0, HIGH[c] ?? 0, LOW[c] ?? 0, HIGH[d] ?? 0, LOW[d] ?? 0,
    HIGH[e] ?? 0, LOW[e] ?? 0, HIGH[f] ?? 0, LOW[f] ?? 0, HIGH[g] ?? 0, LOW[g] ?? 0, HIGH[h] ?? 0, LOW[h] ?? 0,
    HIGH[i] ?? 0, LOW[i] ?? 0, HIGH[j] ?? 0, LOW[j] ?? 0, HIGH[k] ?? 0, LOW[k] ?? 0, HIGH[l] ?? 0, LOW[l] ?? 0,
  );
}

/** The EPC of a report as upper-case hex, whichever of EPC_96 and EPCData holds it; undefined where none does. */
export function epcHexOf(report: LlrpParameter<"TagReportData">): string | undefined {
  const bytes = report.EPC_96?.EPC ?? report.EPCData?.EPC.bytes;
  return bytes === undefined ? undefined : hexOf(bytes);
}
