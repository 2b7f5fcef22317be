import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";

/** What a person who calls a tool wrongly is told; the usage follows. */
export class UsageError extends Error {}

/** Files and streams, so that a tool is tested without either. */
export interface ToolIo {
  /** The bytes of a file, or of standard input for "-". */
  read(name: string): Promise<Uint8Array>;
  /** The lines of standard input as they come. */
  lines(): AsyncIterable<string>;
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

/** Runs a tool: usage on `--help` and on mistakes (exit code 2), an unreadable file as one line (1). */
export async function runTool(tool: Tool, args: readonly string[], io: ToolIo): Promise<number> {
  if (args.includes("--help") || args.includes("-h")) {
    io.write(tool.usage);
    return 0;
  }
  if (args.includes("--version")) {
    io.write(`${tool.name} ${versionOfPackage()}\n`);
    return 0;
  }
  try {
    return await tool.run(args, io);
  } catch (error) {
    if (error instanceof UsageError) {
      io.complain(`${tool.name}: ${error.message}\n\n${tool.usage}`);
      return 2;
    }
    io.complain(`${tool.name}: ${textOf(error)}\n`);
    return 1;
  }
}

/** Runs a tool as this process. */
export async function main(tool: Tool): Promise<void> {
  // Whoever reads the output may have seen enough, as `head` has: that is no error.
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
    process.exit();
  });
  process.exitCode = await runTool(tool, process.argv.slice(2), processIo);
}

function versionOfPackage(): string {
  const file = new URL("../../package.json", import.meta.url);
  return (JSON.parse(readFileSync(file, "utf8")) as { version: string }).version;
}

interface OptionTypes {
  readonly string: string;
  readonly boolean: boolean;
}

type Options = Readonly<Record<string, keyof OptionTypes>>;

interface Call<C, O extends Options> {
  readonly command: C;
  readonly values: { readonly [N in keyof O]?: OptionTypes[O[N]] };
  readonly rest: readonly string[];
}

/** The command, which is one of `commands`, its options and what else stands there. Throws UsageError. */
export function readCall<C extends string, const O extends Options>(
  args: readonly string[],
  commands: readonly C[],
  options: O,
): Call<C, O> {
  const { values, positionals } = parsed(args, options);
  const [command, ...rest] = positionals;
  const known = commands.find((name) => name === command);
  if (known === undefined) {
    const choice = `say ${commands.slice(0, -1).join(", ")} or ${commands.at(-1)}`;
    throw new UsageError(command === undefined ? choice : `no command ${command}: ${choice}`);
  }
  return { command: known, values: values as Call<C, O>["values"], rest };
}

function parsed(args: readonly string[], options: Options) {
  const config = Object.fromEntries(Object.entries(options).map(([name, type]) => [name, { type }]));
  try {
    return parseArgs({ args: [...args], options: config, allowPositionals: true });
  } catch (error) {
    // The first sentence says which option; the others how to give a file such a name.
    throw new UsageError(textOf(error).split(". ")[0]);
  }
}

/** What a tool makes of one text. */
export interface Answer {
  readonly ok: boolean;
  /** For people: one line, or several that belong together. */
  readonly text: string;
  readonly json: object;
}

/**
 * Answers each text, or each line of standard input where the only text is "-". Results go to standard output, what is wrong to
 * standard error; with `json` both go to standard output, a line each: `{"ok", "input", …}`. Gives the exit code.
 */
export async function answerEach(
  texts: readonly string[],
  io: ToolIo,
  json: boolean | undefined,
  answer: (text: string) => Answer,
): Promise<number> {
  let failed = false;
  let isFirst = true;
  for await (const given of texts.length === 1 && texts[0] === "-" ? io.lines() : texts) {
    if (given.trim() === "" && texts[0] === "-") continue;
    const { ok, text, json: object } = answer(given);
    failed ||= !ok;
    if (json) io.write(`${JSON.stringify({ ok, input: given, ...object })}\n`);
    else {
      const parting = !isFirst && text.includes("\n") ? "\n" : "";
      (ok ? io.write : io.complain)(`${parting}${text}\n`);
    }
    isFirst = false;
  }
  return failed ? 1 : 0;
}

export function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

const UNREADABLE: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file",
  EISDIR: "it is a folder",
  EACCES: "it may not be read",
};

const processIo: ToolIo = {
  read: async (name) => {
    if (name !== "-") {
      return await readFile(name).catch((error: NodeJS.ErrnoException) => {
        throw new Error(`${name}: ${UNREADABLE[error.code ?? ""] ?? error.message}`, { cause: error });
      });
    }
    const chunks: Buffer[] = [];
    for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
    return Buffer.concat(chunks);
  },
  lines: () => createInterface({ input: process.stdin, crlfDelay: Number.POSITIVE_INFINITY }),
  write: (text) => void process.stdout.write(text),
  writeBytes: (bytes) => void process.stdout.write(bytes),
  complain: (text) => void process.stderr.write(text),
};
