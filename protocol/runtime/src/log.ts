import { destination, type Logger as PinoLogger, pino, stdSerializers, stdTimeFunctions } from "pino";
import { defineErrors, describeError } from "./errors.js";
import { textLine } from "./log-text.js";

const E = defineErrors({
  LOG_LEVEL_UNKNOWN: { template: "Log level {level} is unknown; allowed: {allowed} (option STOREWARD_LOG_LEVEL)" },
});

const LEVELS = ["trace", "debug", "info", "warn", "error", "fatal", "silent"];

/** What every part takes; `log.child({ part: "uplink" })` marks the lines of one part. */
export type Logger = PinoLogger;

export interface LoggerOptions {
  /** Default: STOREWARD_LOG_LEVEL, else `info`. */
  readonly level?: string | undefined;
  /** A short line for people instead of JSON. Default: STOREWARD_LOG=text, or stdout is a terminal and not STOREWARD_LOG=json. */
  readonly pretty?: boolean | undefined;
  /** Where finished lines go; default stdout, written at once so that the last line before a crash is not lost. */
  readonly write?: ((line: string) => void) | undefined;
  /** Who gets every line too, always as JSON. */
  readonly also?: ((line: string) => void) | undefined;
}

/** A logger whose lines carry `name`. Errors are given as `log.error({ err }, "…")`. */
export function createLogger(name: string, options: LoggerOptions = {}): Logger {
  const level = options.level ?? process.env.STOREWARD_LOG_LEVEL ?? "info";
  if (!LEVELS.includes(level)) throw E.LOG_LEVEL_UNKNOWN({ level, allowed: LEVELS.join(", ") });
  const pretty = options.pretty ?? prefersText();
  const write = writerOf(options, pretty);
  return pino(
    {
      name,
      level,
      base: {},
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { err: pretty ? describeError : stdSerializers.err },
      redact: { paths: SECRET_PATHS, censor: "***" },
    },
    { write },
  );
}

function writerOf({ write = stdoutWriter(), also }: LoggerOptions, pretty: boolean): (line: string) => void {
  const told = pretty ? (line: string) => write(textLine(line)) : write;
  if (also === undefined) return told;
  return (line) => {
    told(line);
    also(line);
  };
}

const SECRET_KEYS = ["password", "token", "secret", "authorization", "cookie"];
const SECRET_PATHS = SECRET_KEYS.flatMap((key) => [key, `*.${key}`]);

function prefersText(): boolean {
  if (process.env.STOREWARD_LOG === "text") return true;
  return process.stdout.isTTY === true && process.env.STOREWARD_LOG !== "json";
}

/** pino's own destination survives a closed pipe, which a plain write to stdout does not. */
function stdoutWriter(): (line: string) => void {
  const stdout = destination({ dest: 1, sync: true });
  return (line) => void stdout.write(line);
}
