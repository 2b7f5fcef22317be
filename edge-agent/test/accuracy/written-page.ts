import { appendFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { expect } from "vitest";

/**
 * The outcomes of every seed under every condition. They are kept in a file where one is named, a line each, so that a run that was stopped goes
 * on, and seeds and conditions can be run one after the other.
 *
 * @param trial told which conditions of a seed are not known yet
 */
export function outcomesOf<T extends { readonly seed: number; readonly condition: string }>(
  seeds: readonly number[],
  conditions: readonly string[],
  keep: string | undefined,
  trial: (seed: number, conditions: readonly string[]) => readonly T[],
): T[] {
  const outcomes: T[] = keep === undefined ? [] : kept<T>(keep);
  for (const seed of seeds) {
    const known = new Set(outcomes.flatMap((one) => (one.seed === seed ? [one.condition] : [])));
    const missing = conditions.filter((condition) => !known.has(condition));
    if (missing.length === 0) continue;
    const started = process.cpuUsage();
    const found = trial(seed, missing);
    outcomes.push(...found);
    if (keep !== undefined) appendFileSync(keep, found.map((one) => `${JSON.stringify(one)}\n`).join(""));
    console.log(`seed ${seed}: ${Math.round(process.cpuUsage(started).user / 1e6)} s of CPU`);
  }
  return outcomes;
}

function kept<T>(file: string): T[] {
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, "utf8").split("\n");
  return lines.filter((line) => line !== "").map((line) => JSON.parse(line) as T);
}

/** Puts the tables between the marks of `npm run COMMAND` in a page; the words around them are people's. */
export function writeTables(file: string, command: string, tables: string): void {
  const [begin, end] = [`<!-- made by npm run ${command} -->`, "<!-- end -->"];
  const text = readFileSync(file, "utf8");
  const from = text.indexOf(begin);
  const to = text.indexOf(end, from);
  expect(from, `${file} has the mark ${begin}`).toBeGreaterThanOrEqual(0);
  expect(to, `${file} has the mark ${end} after it`).toBeGreaterThan(from);
  writeFileSync(file, `${text.slice(0, from + begin.length)}\n\n${tables}\n\n${text.slice(to)}`);
}
