import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { E } from "./errors.js";

/** What is in the hospital besides its items. */
export interface Scenario {
  /** Tags that are in nobody's list. */
  readonly unlisted: readonly { readonly epc: string; readonly kind: string; readonly home: string }[];
  /** EPCs of badges; the first person wears the first. */
  readonly badges: readonly string[];
}

export const EMPTY_SCENARIO: Scenario = { unlisted: [], badges: [] };

/** Reads `scenario.yaml`; SCENARIO_INVALID says what is wrong with it. */
export function loadScenario(file: string): Scenario {
  let content: unknown;
  try {
    content = parse(readFileSync(file, "utf8"));
  } catch (cause) {
    throw E.SCENARIO_INVALID({ file, problem: cause instanceof Error ? cause.message : String(cause) }, { cause });
  }
  const { unlisted = [], badges = [], ...others } = record(content, file, "the file");
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) throw E.SCENARIO_INVALID({ file, problem: `unknown key ${unknown}` });
  return {
    unlisted: list(unlisted, file, "unlisted").map((entry, index) => {
      const { epc, kind, home } = record(entry, file, `unlisted.${index}`);
      return {
        epc: hex(epc, file, `unlisted.${index}.epc`),
        kind: text(kind, file, `unlisted.${index}.kind`),
        home: text(home, file, `unlisted.${index}.home`),
      };
    }),
    badges: list(badges, file, "badges").map((epc, index) => hex(epc, file, `badges.${index}`)),
  };
}

function record(value: unknown, file: string, key: string): Record<string, unknown> {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw E.SCENARIO_INVALID({ file, problem: `${key} must be a mapping` });
}

function list(value: unknown, file: string, key: string): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw E.SCENARIO_INVALID({ file, problem: `${key} must be a list` });
}

function text(value: unknown, file: string, key: string): string {
  if (typeof value === "string" && value !== "") return value;
  throw E.SCENARIO_INVALID({ file, problem: `${key} must be a text` });
}

function hex(value: unknown, file: string, key: string): string {
  const epc = text(value, file, key);
  if (/^(?:[0-9A-F]{4}){1,31}$/.test(epc)) return epc;
  throw E.SCENARIO_INVALID({ file, problem: `${key} must be upper-case hex of whole words` });
}
