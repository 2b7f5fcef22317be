import { describe, expect, it } from "vitest";
import { CONDITIONS } from "./conditions.js";
import { trial } from "./trial.js";

describe("bad conditions between the antennas and the filters", () => {
  it("make nothing depart that nobody watches", { timeout: 120_000 }, () => {
    const outcomes = trial(
      151,
      2.5,
      CONDITIONS.filter(({ id }) => ["dead-known", "restarts"].includes(id)),
    );
    const own = outcomes.filter(({ method }) => method === "Storeward");
    expect(own.length).toBe(2);
    for (const { presence } of own) {
      expect(presence.blindDepartures).toBe(0);
      expect(presence.trueMs).toBeGreaterThan(600_000);
    }
    // The check can fail: a rule that knows of no coverage does make them depart.
    const window = outcomes.filter(({ method }) => method === "window 2 s");
    expect(window.every(({ presence }) => presence.blindDepartures > 3)).toBe(true);
  });
});
