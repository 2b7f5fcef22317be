import type { ErrorObject } from "ajv";
import { allowedValues, formatPath, type KeyPath, type SchemaNode, typeText } from "./config-schema.js";
import { nearest } from "./nearest.js";

/** A violation of the schema: where, and in words what is allowed instead. */
export interface Violation {
  readonly path: KeyPath;
  /** Whether the key itself is at fault (unknown), or its value. */
  readonly part: "key" | "value";
  readonly text: string;
}

/** ajv's errors (of `allErrors` and `verbose`) as what a person can mend. */
export function violations(errors: readonly ErrorObject[], root: unknown): Violation[] {
  const found: Violation[] = [];
  for (const error of withoutOtherBranches(errors)) {
    const violation = toViolation(error, keyPath(error.instancePath, root));
    if (violation !== undefined) found.push(violation);
  }
  return found;
}

/** A JSON pointer (RFC 6901) as keys; numbers where the value is a list. */
function keyPath(pointer: string, root: unknown): KeyPath {
  let at = root;
  return pointer
    .split("/")
    .slice(1)
    .map((escaped) => {
      const key = escaped.replaceAll("~1", "/").replaceAll("~0", "~");
      const inList = Array.isArray(at);
      at = typeof at === "object" && at !== null ? (at as Record<string, unknown>)[key] : undefined;
      return inList ? Number(key) : key;
    });
}

function toViolation(error: ErrorObject, path: KeyPath): Violation | undefined {
  const node = (error.parentSchema ?? {}) as SchemaNode;
  const name = formatPath(path);
  switch (error.keyword) {
    case "additionalProperties":
      return unknownKey([...path, String(error.params.additionalProperty)], Object.keys(node.properties ?? {}));
    case "required": {
      const key = String(error.params.missingProperty);
      const missing = node.properties?.[key];
      // Defaults are not filled in where no branch of a union fits: that is then said by the other error.
      if (missing?.default !== undefined) return undefined;
      const words = [missing === undefined ? undefined : typeText(missing), missing?.description];
      const hint = words.filter((word) => word !== undefined).join("; ");
      return {
        path,
        part: "value",
        text: `${formatPath([...path, key])} is missing${hint === "" ? "" : ` (${hint})`}`,
      };
    }
    case "anyOf":
    case "enum":
    case "const":
      return { path, part: "value", text: notAllowed(name, error.data, node) };
    case "type":
      return { path, part: "value", text: `${name} is ${kindOf(error.data)}; it must be ${typeText(node)}` };
    default: {
      // Text is not shown: it may be a secret, and the line is named.
      const is = typeof error.data === "number" ? `${name} is ${error.data}; it` : name;
      const rule = IN_TYPE_TEXT.has(error.keyword) ? `must be ${typeText(node)}` : (error.message ?? error.keyword);
      return { path, part: "value", text: `${is} ${rule}` };
    }
  }
}

const RANGES = ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "minLength", "maxLength"];
const IN_TYPE_TEXT = new Set([...RANGES, "pattern", "format"]);

function unknownKey(path: KeyPath, known: readonly string[]): Violation {
  const key = String(path.at(-1));
  const guess = nearest(key, known);
  const hint = guess === undefined ? `allowed here: ${known.join(", ")}` : `did you mean ${guess}?`;
  return { path, part: "key", text: `unknown key ${formatPath(path)}; ${hint}` };
}

function notAllowed(name: string, data: unknown, node: SchemaNode): string {
  const allowed = allowedValues(node)?.map(String);
  const shown = typeof data === "object" && data !== null ? kindOf(data) : JSON.stringify(data);
  const guess = allowed === undefined || typeof data !== "string" ? undefined : nearest(data, allowed);
  const hint = guess === undefined ? "" : `; did you mean ${guess}?`;
  return `${name} is ${shown}; it must be ${typeText(node)}${hint}`;
}

function kindOf(data: unknown): string {
  if (data === null || data === undefined) return "empty";
  if (Array.isArray(data)) return "a list";
  if (typeof data === "object") return "a mapping";
  return typeof data === "string" ? "text" : `the ${typeof data} ${String(data)}`;
}

/**
 * A value that fits no branch of a union fails in all of them. The branch that was meant is the one whose constants
 * (`driver: llrp`) match, else the one with fewest errors; what the others say, and the union itself, is noise.
 */
function withoutOtherBranches(errors: readonly ErrorObject[]): readonly ErrorObject[] {
  let kept = errors;
  for (const union of errors.filter(({ keyword }) => keyword === "anyOf")) {
    if (!kept.includes(union)) continue;
    const inner = kept.filter((error) => isInside(error, union));
    const meant = meantBranch(union, inner);
    const others = kept.filter((error) => !inner.includes(error));
    kept = meant === undefined ? others : [...others.filter((error) => error !== union), ...meant];
  }
  return kept;
}

function isInside(error: ErrorObject, union: ErrorObject): boolean {
  return (
    error.schemaPath.startsWith(`${union.schemaPath}/`) &&
    (error.instancePath === union.instancePath || error.instancePath.startsWith(`${union.instancePath}/`))
  );
}

/** Undefined when the value is nothing a branch could be chosen for: then the union's own error says what is allowed. */
function meantBranch(union: ErrorObject, inner: readonly ErrorObject[]): readonly ErrorObject[] | undefined {
  if (typeof union.data !== "object" || union.data === null) return undefined;
  const branches = new Map<string, ErrorObject[]>();
  for (const error of inner) {
    const branch = error.schemaPath.slice(union.schemaPath.length + 1).split("/", 1)[0] ?? "";
    branches.set(branch, [...(branches.get(branch) ?? []), error]);
  }
  const ranked = [...branches.values()].sort(
    (a, b) => mismatches(union, a).length - mismatches(union, b).length || a.length - b.length,
  );
  const [best] = ranked;
  if (best === undefined) return undefined;
  const wrong = mismatches(union, best);
  // Not one branch has the constant that was written: list the constants instead of guessing a branch.
  return wrong.length === 0 ? best : wrong.map((error) => withEveryConstant(error, inner));
}

/** Constants directly in the union's object that differ from what was written, or are not written at all. */
function mismatches(union: ErrorObject, branch: readonly ErrorObject[]): ErrorObject[] {
  return branch.filter((error) => {
    if (error.keyword === "const") return parentPointer(error.instancePath) === union.instancePath;
    if (error.instancePath !== union.instancePath) return false;
    return error.keyword === "type" || missingConstant(error) !== undefined;
  });
}

function missingConstant(error: ErrorObject): { readonly key: string; readonly value: unknown } | undefined {
  if (error.keyword !== "required") return undefined;
  const key = String(error.params.missingProperty);
  const node = (error.parentSchema as SchemaNode | undefined)?.properties?.[key];
  return node !== undefined && "const" in node ? { key, value: node.const } : undefined;
}

/** The error of one branch, with what all branches would accept in that place. */
function withEveryConstant(error: ErrorObject, inner: readonly ErrorObject[]): ErrorObject {
  const missing = missingConstant(error);
  if (missing !== undefined) {
    const values = inner.map(missingConstant).filter((other) => other?.key === missing.key);
    const node: SchemaNode = { enum: [...new Set(values.map((other) => other?.value))] };
    return { ...error, parentSchema: { properties: { [missing.key]: node } } };
  }
  if (error.keyword !== "const") return error;
  const alike = inner.filter(({ keyword, instancePath }) => keyword === "const" && instancePath === error.instancePath);
  const values = new Set(alike.map(({ params }): unknown => params.allowedValue));
  return { ...error, keyword: "enum", parentSchema: { enum: [...values] } };
}

function parentPointer(pointer: string): string {
  return pointer.slice(0, pointer.lastIndexOf("/"));
}
