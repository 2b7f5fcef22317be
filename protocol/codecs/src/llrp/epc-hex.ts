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
  let hex = "";
  let rest = at;
  // Four bytes at a time: one string of known digits is made in less time than pairs are joined.
  for (const end = at + count - 3; rest < end; rest += 4) {
    const a = bytes[rest] ?? 0;
    const b = bytes[rest + 1] ?? 0;
    const c = bytes[rest + 2] ?? 0;
    const d = bytes[rest + 3] ?? 0;
    hex += digits(a, b, c, d);
  }
  for (const end = at + count; rest < end; rest++) hex += HEX[bytes[rest] ?? 0];
  return hex;
}

function digits(a: number, b: number, c: number, d: number): string {
  return String.fromCharCode(
    HIGH[a] ?? 0,
    LOW[a] ?? 0,
    HIGH[b] ?? 0,
    LOW[b] ?? 0,
    HIGH[c] ?? 0,
    LOW[c] ?? 0,
    HIGH[d] ?? 0,
    LOW[d] ?? 0,
  );
}

/** The EPC of a report as upper-case hex, whichever of EPC_96 and EPCData holds it; undefined where none does. */
export function epcHexOf(report: LlrpParameter<"TagReportData">): string | undefined {
  const bytes = report.EPC_96?.EPC ?? report.EPCData?.EPC.bytes;
  return bytes === undefined ? undefined : hexOf(bytes);
}
