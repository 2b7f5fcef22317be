import { tool } from "../src/cli/llrp.js";
import { encodeMessage } from "../src/llrp/index.js";
import { runWith } from "./run-tool.js";

/** What storeward-llrp makes of an input; its output in lines too. */
export async function run(input: Uint8Array | string, ...args: string[]) {
  const { out, ...others } = await runWith(tool, args, input);
  return { ...others, text: out, lines: out.split("\n").slice(0, -1) };
}

export function join(...parts: Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}

export const keepalive = encodeMessage({ type: "KEEPALIVE", id: 7 });
export const start = encodeMessage({ type: "START_ROSPEC", id: 8, ROSpecID: 1 });
export const report = encodeMessage({
  type: "RO_ACCESS_REPORT",
  id: 9,
  TagReportData: [
    {
      EPCData: { EPC: { bitCount: 12, bytes: Uint8Array.of(0xab, 0xc0) } },
      FirstSeenTimestampUTC: { Microseconds: 2n ** 63n },
      Custom: [{ type: "MotoTagPhase", Phase: -5 }],
      unknownParameters: [{ typeNumber: 900, bytes: Uint8Array.of(3, 0x84, 0, 5, 1) }],
    },
  ],
});
