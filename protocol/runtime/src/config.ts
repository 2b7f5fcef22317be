import { readFileSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import type { ValidateFunction } from "ajv";
import type { Static, TSchema } from "typebox";
import { Default } from "typebox/value";
import { ajvWith } from "./ajv.js";
import { applyEnv, isRecord } from "./config-env.js";
import { violations } from "./config-problems.js";
import { type KeyPath, parsePath, type SchemaNode } from "./config-schema.js";
import { ConfigSource, type Problem } from "./config-source.js";
import { defineErrors, isStorewardError } from "./errors.js";

const E = defineErrors({
  CONFIG_NOT_FOUND: { template: "The configuration file {file} does not exist", status: 500, retryable: false },
  CONFIG_UNREADABLE: {
    template: "The configuration file {file} cannot be read: {reason}",
    status: 500,
    retryable: false,
  },
  CONFIG_INVALID: { template: "{file} has {count}:\n{list}", status: 500, retryable: false },
});

/** A site of 20,000 places has some 3 MiB. */
const MAX_BYTES = 4 * 1024 * 1024;
const MAX_PROBLEMS = 50;

/** Something that the schema cannot see: a name that refers to nothing. `path` is as in `readPoints[1].antennas[0].reader`. */
export interface ConfigProblem {
  readonly path: string;
  readonly message: string;
}

export interface LoadOptions<V = never> {
  readonly env?: NodeJS.ProcessEnv | undefined;
  /** With it, `PREFIX_KEY_PATH` in the environment sets a scalar key: STOREWARD_CLOUD_HTTP_PORT for http.port. */
  readonly envPrefix?: string | undefined;
  /** Asked once the schema is satisfied; what it returns is reported like the schema's own problems, with file and line. */
  readonly check?: ((value: V) => readonly ConfigProblem[]) | undefined;
}

/**
 * Reads a YAML file, lets the environment override it, fills in the schema's defaults and validates it. Paths in it
 * stay as written: see `resolveFrom`. Errors: CONFIG_NOT_FOUND, CONFIG_UNREADABLE, and CONFIG_INVALID with every
 * problem at once, `file:line:column key: what is allowed` (also one by one in `params.problems`).
 */
export function loadConfig<T extends TSchema>(
  schema: T,
  file: string,
  options: LoadOptions<Static<T>> = {},
): Static<T> {
  const source = new ConfigSource(readBounded(file));
  const syntax = source.syntaxProblems();
  if (syntax.length > 0) throw invalid(file, syntax);

  const content = contentOf(source, file);
  const fromEnv =
    options.envPrefix === undefined
      ? new Map<string, string>()
      : applyEnv(content, schema as SchemaNode, options.envPrefix, options.env ?? process.env);
  const value = Default(schema, content);

  const check = compiled(schema);
  if (check(value)) {
    const found = options.check?.(value) ?? [];
    if (found.length === 0) return value;
    throw invalid(
      file,
      found.map(({ path, message }) => ({
        at: source.positionOf(parsePath(path), "value"),
        text: `${path}: ${message}`,
      })),
    );
  }
  const problems = violations(check.errors ?? [], value).map(({ path, part, text }) => {
    const variable = variableOf(fromEnv, path);
    if (variable !== undefined) return { at: undefined, text: `${text} (set by ${variable} in the environment)` };
    return { at: source.positionOf(path, part), text };
  });
  throw invalid(file, problems);
}

const checks = new WeakMap<TSchema, ValidateFunction>();

/**
 * Compiling takes longer than anything else here, and some files are read again and again. Half of that time would go into making the check itself
 * shorter, which a few files do not give back.
 */
function compiled<T extends TSchema>(schema: T): ValidateFunction<Static<T>> {
  const known =
    checks.get(schema) ?? ajvWith({ allErrors: true, verbose: true, code: { optimize: false } }).compile(schema);
  checks.set(schema, known);
  return known as ValidateFunction<Static<T>>;
}

/** A path of a configuration file, relative to the folder the file is in. */
export function resolveFrom(file: string, path: string): string {
  return resolve(dirname(file), path);
}

function readBounded(file: string): string {
  try {
    const { size } = statSync(file);
    if (size > MAX_BYTES) throw E.CONFIG_UNREADABLE({ file, reason: `it has ${size} bytes, more than ${MAX_BYTES}` });
    return readFileSync(file, "utf8");
  } catch (cause) {
    if (isStorewardError(cause)) throw cause;
    if (cause instanceof Error && "code" in cause && cause.code === "ENOENT")
      throw E.CONFIG_NOT_FOUND({ file }, { cause });
    throw E.CONFIG_UNREADABLE({ file, reason: cause instanceof Error ? cause.message : String(cause) }, { cause });
  }
}

function contentOf(source: ConfigSource, file: string): Record<string, unknown> {
  let content: unknown;
  try {
    content = source.value() ?? {};
  } catch (cause) {
    throw E.CONFIG_UNREADABLE({ file, reason: cause instanceof Error ? cause.message : String(cause) }, { cause });
  }
  if (!isRecord(content))
    throw invalid(file, [{ at: source.positionOf([], "value"), text: "the file must be a mapping (key: value)" }]);
  return content;
}

function variableOf(fromEnv: ReadonlyMap<string, string>, path: KeyPath): string | undefined {
  return path.length === 0 ? undefined : fromEnv.get(`/${path.join("/")}`);
}

function invalid(file: string, problems: readonly Problem[]): Error {
  const sorted = [...problems].sort(
    (a, b) => (a.at?.line ?? 0) - (b.at?.line ?? 0) || (a.at?.column ?? 0) - (b.at?.column ?? 0),
  );
  const lines = [
    ...new Set(sorted.map(({ at, text }) => `${at === undefined ? file : `${file}:${at.line}:${at.column}`} ${text}`)),
  ];
  const shown = lines.slice(0, MAX_PROBLEMS);
  if (lines.length > shown.length) shown.push(`and ${lines.length - shown.length} more`);
  const count = lines.length === 1 ? "one problem" : `${lines.length} problems`;
  return E.CONFIG_INVALID({ file, count, list: shown.map((line) => `  ${line}`).join("\n"), problems: shown });
}
