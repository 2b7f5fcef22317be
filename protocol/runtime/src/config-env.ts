import { type KeyPath, type Scalar, type SchemaNode, scalarTypes } from "./config-schema.js";

/** A key of the schema that the environment can set. */
interface EnvKey {
  readonly path: readonly string[];
  readonly name: string;
  readonly node: SchemaNode;
}

/** `http.port` under the prefix STOREWARD_CLOUD is STOREWARD_CLOUD_HTTP_PORT; `idleMs` becomes IDLE_MS. */
export function envName(prefix: string, path: KeyPath): string {
  const words = path.map((key) =>
    String(key)
      .replace(/([a-z0-9])([A-Z])/g, "$1_$2")
      .replace(/[^A-Za-z0-9]+/g, "_"),
  );
  return [prefix, ...words].join("_").toUpperCase();
}

/** Every scalar key reachable through objects (not through lists or unions of objects). */
export function envKeys(schema: SchemaNode, prefix: string, path: readonly string[] = []): EnvKey[] {
  return Object.entries(schema.properties ?? {}).flatMap(([key, node]) => {
    const here = [...path, key];
    if (node.properties !== undefined) return envKeys(node, prefix, here);
    return scalarTypes(node) === undefined ? [] : [{ path: here, name: envName(prefix, here), node }];
  });
}

/**
 * The variable's text as the schema's type. What does not look like it stays a string, so that the validation that
 * follows says what is allowed.
 */
export function fromText(text: string, node: SchemaNode): Scalar {
  const types = scalarTypes(node) ?? new Set<string>();
  if (types.has("boolean") && (text === "true" || text === "false")) return text === "true";
  const numeric = types.has("number") || types.has("integer");
  if (numeric && /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text)) return Number(text);
  if (types.has("null") && text === "null") return null;
  return text;
}

/** Sets the keys that the environment names; returns which variable set which path (as JSON pointer). */
export function applyEnv(
  value: Record<string, unknown>,
  schema: SchemaNode,
  prefix: string,
  env: NodeJS.ProcessEnv,
): ReadonlyMap<string, string> {
  const used = new Map<string, string>();
  for (const { path, name, node } of envKeys(schema, prefix)) {
    const text = env[name];
    // An empty variable is how compose files and unit files say "not set".
    if (text === undefined || text === "") continue;
    if (setIn(value, path, fromText(text, node))) used.set(`/${path.join("/")}`, name);
  }
  return used;
}

/** False when something on the way is not a mapping: the validation will name it. */
function setIn(value: Record<string, unknown>, path: readonly string[], leaf: Scalar): boolean {
  let at = value;
  for (const key of path.slice(0, -1)) {
    at[key] ??= {};
    const next = at[key];
    if (!isRecord(next)) return false;
    at = next;
  }
  const last = path.at(-1);
  if (last === undefined) return false;
  at[last] = leaf;
  return true;
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
