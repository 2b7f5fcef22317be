import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { defineErrors } from "./errors.js";
import { ManualClock } from "./manual-clock.js";
import { delays, RECONNECT, retry } from "./retry.js";

const E = defineErrors({
  FOREVER: { template: "Never works", retryable: false },
  LATER: { template: "Later", retryable: true },
});

describe("delays", () => {
  it("grow by the factor up to the most, and begin again after a reset", () => {
    const next = delays({ ...RECONNECT, jitter: 0 });
    const seen = Array.from({ length: 8 }, next);
    expect(seen).toEqual([500, 1000, 2000, 4000, 8000, 16000, 30000, 30000]);
    next.reset();
    expect(next()).toBe(500);
  });

  it("stay between the jittered share and the most, whatever the chance", () => {
    const chance = fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true });
    fc.assert(
      fc.property(fc.array(chance, { minLength: 1, maxLength: 40 }), (chances) => {
        let at = 0;
        const next = delays(RECONNECT, () => chances[at++] ?? 0);
        for (const _ of chances) {
          const delay = next();
          expect(delay).toBeGreaterThanOrEqual(500 * 0.7);
          expect(delay).toBeLessThanOrEqual(30_000);
        }
      }),
    );
  });
});

describe("retry", () => {
  const schedule = { firstMs: 10, factor: 2, maxMs: 100, jitter: 0 };

  it("tries until it works and tells of every failure", async () => {
    const clock = new ManualClock();
    const told: unknown[] = [];
    const done = retry(
      async (attempt) => {
        if (attempt < 4) throw attempt === 2 ? E.LATER() : new Error("no");
        return clock.mono();
      },
      { schedule, clock, onRetry: ({ attempt, delayMs }) => told.push([attempt, delayMs]) },
    );
    await clock.advance(1000);
    expect(await done).toBe(70);
    expect(told).toEqual([
      [1, 10],
      [2, 20],
      [3, 40],
    ]);
    expect(clock.pending).toBe(0);
  });

  it("gives up after the attempts, and at once on what is not retryable", async () => {
    const clock = new ManualClock();
    let calls = 0;
    const failing = async () => {
      calls++;
      throw new Error(`no ${calls}`);
    };
    const done = expect(retry(failing, { schedule, clock, attempts: 3 })).rejects.toThrow("no 3");
    await clock.advance(1000);
    await done;
    await expect(retry(() => Promise.reject(E.FOREVER()), { schedule, clock })).rejects.toThrow("Never works");
  });

  it("stops waiting when the signal says so", async () => {
    const clock = new ManualClock();
    const controller = new AbortController();
    const done = retry(() => Promise.reject(new Error("no")), { schedule, clock, signal: controller.signal });
    await clock.advance(15);
    controller.abort(new Error("stopped"));
    await expect(done).rejects.toThrow("stopped");
    expect(clock.pending).toBe(0);
  });
});
