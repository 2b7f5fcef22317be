import { tool } from "../src/cli/llrp.js";
import { runTool } from "../src/cli/tool.js";
import { encodeMessage } from "../src/llrp/index.js";

/** What the tool makes of an input: its output, its complaints, its exit code. */
export async function run(input: Uint8Array | string, ...args: string[]) {
  const out: string[] = [];
  const bytes: Uint8Array[] = [];
  const complaints: string[] = [];
  const code = await runTool(tool, args, {
    read: async () => (typeof input === "string" ? new TextEncoder().encode(input) : input),
    write: (text) => void out.push(text),
    writeBytes: (part) => void bytes.push(part),
    complain: (text) => void complaints.push(text),
  });
  const lines = out.join("").split("\n").slice(0, -1);
  return { code, text: out.join(""), lines, bytes: join(...bytes), complaints: complaints.join("") };
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
