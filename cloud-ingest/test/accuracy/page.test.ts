import { describe, expect, it } from "vitest";
import { outcomesOf, writeTables } from "../../../edge-agent/test/accuracy/written-page.js";
import { CONDITIONS, WALKS } from "./conditions.js";
import { BOOKS, METHODS, tablesOf } from "./page.js";
import { trial } from "./trial.js";

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
      const all = [...CONDITIONS, ...WALKS];
      const asked = conditions?.split(",") ?? all.map(({ id }) => id);
      const chosen = seeds === "" ? [] : seeds.split(",").map(Number);
      const outcomes = outcomesOf(chosen, asked, keep, (seed, missing) => {
        const some = all.filter(({ id }) => missing.includes(id));
        const found = trial(seed, Number(minutes), some, observed);
        expect(found.length).toBe(some.length * [...METHODS, BOOKS].length);
        return found;
      });
      if (page !== undefined) writeTables(page, "evaluate:locations", tablesOf(outcomes));
    });
  },
);
