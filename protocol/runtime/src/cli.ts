import { parseArgs } from "node:util";
import { helpText } from "./cli-help.js";
import { defineErrors, describeError, isStorewardError } from "./errors.js";
import { programVersion } from "./program-version.js";

const E = defineErrors({
  CLI_USAGE: { template: "{problem}", status: 400, retryable: false },
});

/** As in node:util's parseArgs, with a text for `--help`. */
export interface CliOption {
  readonly type: "string" | "boolean";
  readonly short?: string;
  readonly multiple?: boolean;
  readonly default?: string | boolean | readonly string[];
  readonly description: string;
  /** What stands after the option in the help: FILE, PORT. */
  readonly placeholder?: string;
}

export type CliOptions = Readonly<Record<string, CliOption>>;

type Single<O extends CliOption> = O["type"] extends "boolean"
  ? boolean
  : O["type"] extends "string"
    ? string
    : string | boolean;
type Value<O extends CliOption> = O extends { readonly multiple: true } ? Single<O>[] : Single<O>;
export type CliValues<O extends CliOptions> = {
  readonly [K in keyof O]: "default" extends keyof O[K] ? Value<O[K]> : Value<O[K]> | undefined;
};

export interface CliCommand<O extends CliOptions = CliOptions> {
  readonly description: string;
  /** What follows the name in the usage line: `--config FILE` */
  readonly usage?: string;
  readonly options?: O;
  /** Names of the arguments that are not options: `["FILE"]`; `"[FILE]"` may be absent, `"FILE..."` may be repeated. */
  readonly positionals?: readonly string[];
  run(input: { readonly values: CliValues<O>; readonly positionals: readonly string[] }): Promise<void> | void;
}

export interface CliProgram<O extends CliOptions = CliOptions> extends Omit<CliCommand<O>, "run"> {
  readonly name: string;
  /** Default: the version of the package that the running script belongs to. */
  readonly version?: string;
  readonly commands?: Readonly<Record<string, CliCommand>>;
  /** Runs when no command is named; without it, naming one is required. */
  readonly run?: CliCommand<O>["run"];
}

export interface CliHost {
  /** Arguments after the script. */
  readonly argv: readonly string[];
  out(text: string): void;
  err(text: string): void;
  exit(code: number): void;
}

const systemHost: CliHost = {
  argv: process.argv.slice(2),
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
  exit: (code) => process.exit(code),
};

const STANDARD: CliOptions = {
  help: { type: "boolean", short: "h", description: "Show this help" },
  version: { type: "boolean", description: "Show the version" },
};

/** Keeps the types of a command's options for its `run`. */
export function defineCommand<const O extends CliOptions>(command: CliCommand<O>): CliCommand {
  return command as unknown as CliCommand;
}

/** To be thrown by `run` for arguments that make no sense together: message and exit code 2, as for an unknown option. */
export function usageError(problem: string): Error {
  return E.CLI_USAGE({ problem });
}

/**
 * Runs a program: `--help`, `--version`, its commands. A mistake in the arguments goes to stderr and exits 2; an error
 * of `run` is described in one line and exits 1. Does not exit on success, as `run` may have started something.
 */
export async function runCli<const O extends CliOptions>(
  program: CliProgram<O>,
  host: CliHost = systemHost,
): Promise<void> {
  try {
    await dispatch(program as unknown as CliProgram, host);
  } catch (error) {
    if (isStorewardError(error, "CLI_USAGE")) {
      host.err(`${program.name}: ${error.message}\nTry '${program.name} --help'.\n`);
      return host.exit(2);
    }
    // Configuration problems are a list, one a line, and are read better so.
    const text =
      isStorewardError(error) && error.message.includes("\n")
        ? `${error.code}: ${error.message}`
        : describeError(error);
    host.err(`${program.name}: ${text}\n`);
    host.exit(1);
  }
}

async function dispatch(program: CliProgram, host: CliHost): Promise<void> {
  const commands = program.commands ?? {};
  const at = commandIndex(program, host.argv);
  const name = at === undefined ? undefined : host.argv[at];
  const command = name !== undefined && Object.hasOwn(commands, name) ? commands[name] : undefined;
  const args = command === undefined ? host.argv : host.argv.filter((_, index) => index !== at);
  const target = command ?? program;
  const { values, positionals } = parse({ ...target.options, ...STANDARD }, args);
  if (values.help === true) return host.out(helpText(program, command === undefined ? undefined : name, STANDARD));
  if (values.version === true) return host.out(`${program.name} ${program.version ?? programVersion()}\n`);
  if (target.run === undefined) {
    const known = Object.keys(commands).join(", ");
    throw usageError(
      name === undefined ? `name a command: ${known}` : `unknown command '${name}': use one of ${known}`,
    );
  }
  checkPositionals(target.positionals ?? [], positionals);
  await target.run({ values, positionals });
}

/** Where the first argument that is not an option stands; options may come before the command. */
function commandIndex(program: CliProgram, argv: readonly string[]): number | undefined {
  if (program.commands === undefined) return undefined;
  const options = Object.assign(
    {},
    program.options,
    STANDARD,
    ...Object.values(program.commands).map((c) => c.options),
  );
  const { tokens } = parseArgs({
    args: [...argv],
    options: plain(options),
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  return tokens.find((token) => token.kind === "positional")?.index;
}

interface Parsed {
  readonly values: CliValues<CliOptions>;
  readonly positionals: readonly string[];
}

function parse(options: CliOptions, args: readonly string[]): Parsed {
  try {
    return parseArgs({
      args: [...args],
      options: plain(options),
      strict: true,
      allowPositionals: true,
    }) as Parsed;
  } catch (error) {
    throw usageError(error instanceof Error ? error.message : String(error));
  }
}

type PlainOption = {
  type: "string" | "boolean";
  short?: string;
  multiple?: boolean;
  default?: string | boolean | string[];
};

function plain(options: CliOptions): Record<string, PlainOption> {
  const result: Record<string, PlainOption> = {};
  for (const [name, { description: _, placeholder: __, default: preset, ...rest }] of Object.entries(options)) {
    const value = typeof preset === "object" ? [...preset] : preset;
    result[name] = value === undefined ? rest : { ...rest, default: value };
  }
  return result;
}

function checkPositionals(names: readonly string[], given: readonly string[]): void {
  const missing = names.find((name, index) => !name.startsWith("[") && index >= given.length);
  if (missing !== undefined) throw usageError(`${missing.replace("...", "")} is missing`);
  const extra = given[names.length];
  if (extra !== undefined && !names.some((name) => name.includes("...")))
    throw usageError(`unexpected argument '${extra}'`);
}
