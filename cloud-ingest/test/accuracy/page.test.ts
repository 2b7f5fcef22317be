import { appendFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { CONDITIONS, WALKS } from "./conditions.js";
import { METHODS, tablesOf } from "./page.js";
import { type Outcome, trial } from "./trial.js";

const BEGIN = "<!-- made by npm run evaluate:locations -->";
const END = "<!-- end -->";
const ALL = [...CONDITIONS, ...WALKS];

const {
  /** Seeds to run, with commas; they are used for nothing else: neither for tuning nor by another test. */
  STOREWARD_LOCATIONS_SEEDS: seeds = "",
  /** The agent that is offline for 30 minutes needs 35 at least. */
  STOREWARD_LOCATIONS_MINUTES: minutes = "36",
  /** Ids, with commas; default: all. */
  STOREWARD_LOCATIONS_CONDITIONS: conditions,
  /** Where outcomes are kept, a line each: those that are in it are not run again. */
  STOREWARD_LOCATIONS_KEEP: keep,
  /** Where observations are kept: those that are in it are not simulated again. */
  STOREWARD_LOCATIONS_OBSERVED: observed,
  /** Where the tables of all outcomes that are kept go. */
  STOREWARD_LOCATIONS_PAGE: page,
} = process.env;

describe.skipIf(keep === undefined)(
  "locations beside the truth (skipped unless npm run evaluate:locations asks for it)",
  () => {
    it("are evaluated on every seed under every condition", { timeout: 7_200_000 }, () => {
      const asked = conditions?.split(",") ?? CONDITIONS.map(({ id }) => id);
      for (const seed of seeds === "" ? [] : seeds.split(",").map(Number)) {
        const known = new Set(kept().flatMap((one) => (one.seed === seed ? [one.condition] : [])));
        const some = ALL.filter(({ id }) => !known.has(id) && asked.includes(id));
        if (some.length === 0) continue;
        const started = process.cpuUsage();
        const found = trial(seed, Number(minutes), some, observed);
        expect(found.length).toBe(some.length * METHODS.length);
        if (keep !== undefined) appendFileSync(keep, found.map((one) => `${JSON.stringify(one)}\n`).join(""));
        console.log(`seed ${seed}: ${Math.round(process.cpuUsage(started).user / 1e6)} s of CPU`);
      }
      if (page !== undefined) write(page, tablesOf(kept()));
    });
  },
);

function kept(): Outcome[] {
  if (keep === undefined || !existsSync(keep)) return [];
  const lines = readFileSync(keep, "utf8").split("\n");
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
