import { runTool, type Tool } from "../src/cli/tool.js";

/** What a tool makes of its arguments and standard input: its output, its complaints, its exit code. */
export async function runWith(tool: Tool, args: readonly string[], input: Uint8Array | string = "") {
  const out: string[] = [];
  const bytes: Uint8Array[] = [];
  const complaints: string[] = [];
  const given = typeof input === "string" ? new TextEncoder().encode(input) : input;
  const code = await runTool(tool, args, {
    read: async () => given,
    lines: async function* () {
      yield* new TextDecoder().decode(given).split(/\r?\n/);
    },
    write: (text) => void out.push(text),
    writeBytes: (part) => void bytes.push(part),
    complain: (text) => void complaints.push(text),
  });
  return { code, out: out.join(""), bytes: new Uint8Array(Buffer.concat(bytes)), complaints: complaints.join("") };
}
