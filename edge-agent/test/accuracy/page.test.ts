import { appendFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { CONDITIONS } from "./conditions.js";
import { tablesOf } from "./page.js";
import { type Outcome, trial } from "./trial.js";

/** Used for nothing else: neither for tuning nor by another test. */
const SEEDS = Array.from({ length: 20 }, (_, index) => 201 + index);
const MINUTES = 6;
const BEGIN = "<!-- made by npm run accuracy -->";
const END = "<!-- end -->";

/** Where the tables go, and where outcomes are kept, a line each, so that a run that was stopped goes on. */
const { STOREWARD_ACCURACY_PAGE: page, STOREWARD_ACCURACY_KEEP: keep } = process.env;

describe.skipIf(page === undefined)(
  "the tables of docs/accuracy.md (skipped unless npm run accuracy asks for them)",
  () => {
    it("are of 20 seeds under every condition", { timeout: 7_200_000 }, () => {
      const outcomes = keep !== undefined && existsSync(keep) ? kept(keep) : [];
      for (const seed of SEEDS) {
        if (outcomes.some((one) => one.seed === seed)) continue;
        const started = process.cpuUsage();
        const found = trial(seed, MINUTES);
        outcomes.push(...found);
        if (keep !== undefined) appendFileSync(keep, found.map((one) => `${JSON.stringify(one)}\n`).join(""));
        console.log(`seed ${seed}: ${Math.round(process.cpuUsage(started).user / 1e6)} s of CPU`);
      }
      expect(outcomes.length).toBe(SEEDS.length * CONDITIONS.length * 5);
      if (page !== undefined) write(page, tablesOf(outcomes, MINUTES));
    });
  },
);

function kept(file: string): Outcome[] {
  const lines = readFileSync(file, "utf8").split("\n");
  return lines.filter((line) => line !== "").map((line) => JSON.parse(line) as Outcome);
}

/** Only what is between the marks is written; the words around it are people's. */
function write(file: string, tables: string): void {
  const text = readFileSync(file, "utf8");
  const begin = text.indexOf(BEGIN);
  const end = text.indexOf(END, begin);
  expect(begin, `${file} has the mark ${BEGIN}`).toBeGreaterThanOrEqual(0);
  expect(end, `${file} has the mark ${END}`).toBeGreaterThan(begin);
  writeFileSync(file, `${text.slice(0, begin + BEGIN.length)}\n\n${tables}\n\n${text.slice(end)}`);
}
