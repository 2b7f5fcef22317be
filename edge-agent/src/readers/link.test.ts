import { createLogger, ManualClock } from "@storeward/runtime";
import { describe, expect, it } from "vitest";
import { Link } from "./link.js";

const schedule = { firstMs: 1_000, factor: 2, maxMs: 8_000, jitter: 0 };

/** When each attempt began, where each was up for `upMs` and then broke. */
async function attempts(upMs: readonly number[]): Promise<number[]> {
  const clock = new ManualClock();
  const began: number[] = [];
  const link = new Link({
    clock,
    log: createLogger("test", { level: "silent" }),
    schedule,
    run: async (signal, up) => {
      const ms = upMs[began.length] ?? 0;
      began.push(clock.mono());
      up();
      await clock.sleep(ms, signal);
      throw new Error("broken");
    },
    onDown: () => undefined,
  });
  const origin = clock.mono();
  link.start();
  for (let i = 0; i < 200 && began.length < upMs.length; i++) await clock.advance(500);
  await link.stop();
  expect(clock.pending).toBe(0);
  return began.map((at) => at - origin);
}

describe("a link that breaks", () => {
  it("as soon as it works is tried again ever more rarely", async () => {
    expect(await attempts([0, 0, 0, 0, 0])).toEqual([0, 1_000, 3_000, 7_000, 15_000]);
  });

  it("after a good while is tried again at once, as if nothing had been before", async () => {
    expect(await attempts([0, 0, 20_000, 0])).toEqual([0, 1_000, 3_000, 24_000]);
  });
});
