/** The part of JSON Schema that configuration uses. Schemas come from TypeBox, which keeps them as plain JSON Schema. */
export interface SchemaNode {
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly required?: readonly string[];
  readonly patternProperties?: Readonly<Record<string, SchemaNode>>;
  readonly items?: SchemaNode;
  readonly anyOf?: readonly SchemaNode[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly default?: unknown;
  readonly description?: string;
  readonly format?: string;
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
}

export type KeyPath = readonly (string | number)[];

export type Scalar = string | number | boolean | null;

/** `readers[0].host`; the whole file for an empty path. */
export function formatPath(path: KeyPath): string {
  if (path.length === 0) return "the file";
  return path.map((key, index) => (typeof key === "number" ? `[${key}]` : index === 0 ? key : `.${key}`)).join("");
}

/** The other way round: `readers[0].host` as keys. */
export function parsePath(path: string): KeyPath {
  return Array.from(path.matchAll(/\[(\d+)\]|([^.[\]]+)/g), ([, index, key]) =>
    key === undefined ? Number(index) : key,
  );
}

/** The only values allowed, when the schema lists them (`const`, `enum`, or a union of such). */
export function allowedValues(node: SchemaNode): readonly unknown[] | undefined {
  if ("const" in node) return [node.const];
  if (node.enum !== undefined) return node.enum;
  if (node.anyOf === undefined) return undefined;
  const all = node.anyOf.map(allowedValues);
  return all.every((values) => values !== undefined) ? all.flat() : undefined;
}

/** JSON types a scalar may have; undefined when the node may hold an object or a list, or says nothing. */
export function scalarTypes(node: SchemaNode): ReadonlySet<string> | undefined {
  const values = allowedValues(node);
  if (values !== undefined) return new Set(values.map((value) => (value === null ? "null" : typeof value)));
  if (node.anyOf !== undefined) {
    const branches = node.anyOf.map(scalarTypes);
    if (!branches.every((branch) => branch !== undefined)) return undefined;
    return new Set(branches.flatMap((branch) => [...branch]));
  }
  const types = typeof node.type === "string" ? [node.type] : (node.type ?? []);
  return types.length > 0 && types.every((type) => SCALARS.has(type)) ? new Set(types) : undefined;
}

const SCALARS = new Set(["string", "number", "integer", "boolean", "null"]);

/** What a key may hold, in words: `integer 1…65535`, `one of llrp, metratec`, `list of string`. */
export function typeText(node: SchemaNode): string {
  const values = allowedValues(node);
  if (values !== undefined) return values.length === 1 ? show(values[0]) : `one of ${values.map(show).join(", ")}`;
  if (node.anyOf !== undefined) return [...new Set(node.anyOf.map(typeText))].join(" or ");
  const type = typeof node.type === "string" ? node.type : (node.type?.join(" or ") ?? "any value");
  if (type === "array") return `list of ${node.items === undefined ? "any value" : typeText(node.items)}`;
  if (type === "object") return "mapping";
  const words = [type, rangeText(node)];
  if (node.format !== undefined) words.push(`(${node.format})`);
  if (node.pattern !== undefined) words.push(`matching ${node.pattern}`);
  return words.filter((word) => word !== "").join(" ");
}

function rangeText(node: SchemaNode): string {
  const low = node.minimum ?? node.minLength;
  const high = node.maximum ?? node.maxLength;
  const unit = node.minLength === undefined && node.maxLength === undefined ? "" : " characters";
  if (low !== undefined && high !== undefined) return `${low}…${high}${unit}`;
  if (low !== undefined) return `≥ ${low}${unit}`;
  if (high !== undefined) return `≤ ${high}${unit}`;
  if (node.exclusiveMinimum !== undefined) return `> ${node.exclusiveMinimum}`;
  return node.exclusiveMaximum === undefined ? "" : `< ${node.exclusiveMaximum}`;
}

function show(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
