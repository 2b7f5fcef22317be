/** The names between braces in an error's template: `"Port {port} is in use"` → `"port"`. */
type Placeholders<T extends string> = T extends `${string}{${infer P}}${infer Rest}` ? P | Placeholders<Rest> : never;

type ParamValue = string | number | bigint | boolean;

/** What a template needs; further parameters are kept on the error for logs and answers. */
type ParamsOf<T extends string> = { readonly [P in Placeholders<T>]: ParamValue } & Readonly<Record<string, unknown>>;

interface ErrorSpec {
  /** One sentence for the person who meets it; `{name}` is replaced by the parameter. */
  readonly template: string;
  /** HTTP status when it reaches the API; 500 when absent. */
  readonly status?: number;
  /** True when doing the same again later may succeed; false when absent. */
  readonly retryable?: boolean;
}

interface ErrorOptions {
  readonly cause?: unknown;
}

type FactoryArguments<T extends string> = [Placeholders<T>] extends [never]
  ? [params?: Readonly<Record<string, unknown>>, options?: ErrorOptions]
  : [params: ParamsOf<T>, options?: ErrorOptions];

/** Makes the errors of one catalogue entry. */
export type ErrorFactory<T extends string> = (...args: FactoryArguments<T>) => StorewardError;

/** An error of a catalogue: what a user can meet, with a code that logs and API answers carry. */
export class StorewardError extends Error {
  readonly code: string;
  readonly status: number;
  readonly retryable: boolean;
  readonly params: Record<string, unknown>;

  constructor(
    code: string,
    spec: ErrorSpec,
    params: Readonly<Record<string, unknown>> = {},
    options: ErrorOptions = {},
  ) {
    super(fill(spec.template, params), options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "StorewardError";
    this.code = code;
    this.status = spec.status ?? 500;
    this.retryable = spec.retryable ?? false;
    this.params = { ...params };
  }
}

/**
 * A catalogue of errors: `const E = defineErrors({ PORT_TAKEN: { template: "Port {port} is in use", status: 500 } })`,
 * then `throw E.PORT_TAKEN({ port }, { cause })`. The parameters follow from the template and are checked by the compiler.
 */
export function defineErrors<const C extends Readonly<Record<string, ErrorSpec>>>(
  catalogue: C,
): { readonly [K in keyof C]: ErrorFactory<C[K]["template"]> } {
  const factories: Record<string, unknown> = {};
  for (const [code, spec] of Object.entries(catalogue)) {
    factories[code] = (params?: Readonly<Record<string, unknown>>, options?: ErrorOptions) => {
      const error = new StorewardError(code, spec, params, options);
      Error.captureStackTrace(error, factories[code] as () => void);
      return error;
    };
  }
  return factories as { readonly [K in keyof C]: ErrorFactory<C[K]["template"]> };
}

/** True for an error of any catalogue, also when two copies of this package are loaded; optionally of one code. */
export function isStorewardError(error: unknown, code?: string): error is StorewardError {
  return (
    error instanceof Error &&
    error.name === "StorewardError" &&
    "retryable" in error &&
    "code" in error &&
    (code === undefined || error.code === code)
  );
}

function fill(template: string, params: Readonly<Record<string, unknown>>): string {
  return template.replace(/\{([A-Za-z0-9_]+)\}/g, (whole, name: string) =>
    name in params ? String(params[name]) : whole,
  );
}

const MAX_DEPTH = 8;
const MAX_MEMBERS = 5;

/**
 * One line for a log or a console: code, message and the chain of causes, members of an AggregateError included.
 * Line breaks become " · ". A NUL, which no text of PostgreSQL holds, becomes "\uFFFD". Never throws, whatever was thrown.
 */
export function describeError(error: unknown): string {
  return describe(error, new Set(), 0)
    .replace(/\s*[\r\n]+\s*/g, " · ")
    .replaceAll("\0", "\uFFFD");
}

function describe(error: unknown, seen: Set<unknown>, depth: number): string {
  if (!(error instanceof Error)) return describeValue(error);
  if (seen.has(error) || depth >= MAX_DEPTH) return "…";
  seen.add(error);
  let text = headline(error);
  if (error instanceof AggregateError && Array.isArray(error.errors) && error.errors.length > 0) {
    const members = error.errors.slice(0, MAX_MEMBERS).map((member: unknown) => describe(member, seen, depth + 1));
    const more = error.errors.length - members.length;
    text += ` [${members.join(" | ")}${more > 0 ? ` | and ${more} more` : ""}]`;
  }
  if (error.cause !== undefined) text += `, because ${describe(error.cause, seen, depth + 1)}`;
  return text;
}

function headline(error: Error): string {
  const code = "code" in error && typeof error.code === "string" ? error.code : undefined;
  const label = code ?? (error.name === "Error" ? undefined : error.name);
  const message = error.message === "" ? undefined : error.message;
  if (label === undefined) return message ?? "Error";
  // Node writes the code into its own messages ("connect ECONNREFUSED 127.0.0.1:1883"): once is enough.
  return message === undefined ? label : message.includes(label) ? message : `${label}: ${message}`;
}

function describeValue(value: unknown): string {
  if (typeof value === "string") return value;
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    return String(value);
  }
}
