import type { TSchema } from "typebox";
import { envName } from "./config-env.js";
import { type SchemaNode, scalarTypes, typeText } from "./config-schema.js";

/**
 * Every key of a configuration with type, default, description and the name of its environment variable, for `--help`.
 * Items of lists are shown as `readers[].host`, keys of free mappings as `labels.*`.
 */
export function configHelp(schema: TSchema, envPrefix: string): string {
  return `${keyLines(schema as SchemaNode, "", [], envPrefix).join("\n")}\n`;
}

function keyLines(node: SchemaNode, label: string, path: readonly string[] | undefined, prefix: string): string[] {
  const lines: string[] = [];
  for (const [key, child] of Object.entries(node.properties ?? {})) {
    const name = label === "" ? key : `${label}.${key}`;
    const optional = child.default !== undefined || !(node.required ?? []).includes(key);
    const env = path !== undefined && scalarTypes(child) !== undefined ? envName(prefix, [...path, key]) : undefined;
    lines.push(...keyText(name, child, optional, env), ...inner(child, name, path && [...path, key], prefix));
  }
  return lines;
}

function keyText(name: string, node: SchemaNode, optional: boolean, env: string | undefined): string[] {
  const facts = [typeText(node)];
  if (node.default !== undefined && typeof node.default !== "object")
    facts.push(`default ${JSON.stringify(node.default)}`);
  else facts.push(optional ? "optional" : "required");
  const lines = [`${name}  (${facts.join(", ")})`];
  if (node.description !== undefined) lines.push(`    ${node.description}`);
  if (env !== undefined) lines.push(`    ${env}`);
  return lines;
}

/** Below a list or a union the environment has no names. */
function inner(node: SchemaNode, name: string, path: readonly string[] | undefined, prefix: string): string[] {
  if (node.properties !== undefined) return keyLines(node, name, path, prefix);
  if (node.items !== undefined) return inner(node.items, `${name}[]`, undefined, prefix);
  const free = Object.values(node.patternProperties ?? {});
  if (free.length > 0) return free.flatMap((child) => inner(child, `${name}.*`, undefined, prefix));
  return [...new Set((node.anyOf ?? []).flatMap((branch) => inner(branch, name, undefined, prefix)))];
}
