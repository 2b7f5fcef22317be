import { readFile } from "node:fs/promises";

/** What a person who calls a tool wrongly is told; the usage follows. */
export class UsageError extends Error {}

/** Files and streams, so that a tool is tested without either. */
export interface ToolIo {
  /** The bytes of a file, or of standard input for "-". */
  read(name: string): Promise<Uint8Array>;
  write(text: string): void;
  /** Bytes to standard output. */
  writeBytes(bytes: Uint8Array): void;
  complain(text: string): void;
}

export interface Tool {
  readonly name: string;
  readonly usage: string;
  /** Exit code: 0, or 1 where something was no valid input. */
  run(args: readonly string[], io: ToolIo): Promise<number>;
}

/** Runs a tool as a process: usage on `--help` and on mistakes (exit code 2), an unreadable file as one line. */
export async function runTool(tool: Tool, args: readonly string[], io: ToolIo = processIo): Promise<number> {
  if (args.includes("--help") || args.includes("-h")) {
    io.write(tool.usage);
    return 0;
  }
  try {
    return await tool.run(args, io);
  } catch (error) {
    if (error instanceof UsageError) {
      io.complain(`${tool.name}: ${error.message}\n\n${tool.usage}`);
      return 2;
    }
    io.complain(`${tool.name}: ${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  }
}

const processIo: ToolIo = {
  read: async (name) => {
    if (name !== "-") return await readFile(name);
    const chunks: Buffer[] = [];
    for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
    return Buffer.concat(chunks);
  },
  write: (text) => void process.stdout.write(text),
  writeBytes: (bytes) => void process.stdout.write(bytes),
  complain: (text) => void process.stderr.write(text),
};
