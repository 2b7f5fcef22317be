import { describe, expect, it } from "vitest";
import { CONDITIONS } from "./conditions.js";
import { tablesOf } from "./page.js";
import { trial } from "./trial.js";
import { outcomesOf, writeTables } from "./written-page.js";

/** Used for nothing else: neither for tuning nor by another test. */
const SEEDS = Array.from({ length: 20 }, (_, index) => 201 + index);
const MINUTES = 6;

/** Where the tables go, and where outcomes are kept, a line each, so that a run that was stopped goes on. */
const { STOREWARD_ACCURACY_PAGE: page, STOREWARD_ACCURACY_KEEP: keep } = process.env;

describe.skipIf(page === undefined)(
  "the tables of docs/accuracy.md (skipped unless npm run accuracy asks for them)",
  () => {
    it("are of 20 seeds under every condition", { timeout: 7_200_000 }, () => {
      const ids = CONDITIONS.map(({ id }) => id);
      const outcomes = outcomesOf(SEEDS, ids, keep, (seed, missing) =>
        trial(
          seed,
          MINUTES,
          CONDITIONS.filter(({ id }) => missing.includes(id)),
        ),
      );
      expect(outcomes.length).toBe(SEEDS.length * CONDITIONS.length * 5);
      if (page !== undefined) writeTables(page, "accuracy", tablesOf(outcomes, MINUTES));
    });
  },
);
