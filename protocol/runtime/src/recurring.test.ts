import { describe, expect, it } from "vitest";
import { ManualClock } from "./manual-clock.js";
import { Recurring } from "./recurring.js";

const turn = () => new Promise((next) => setImmediate(next));

describe("recurring work", () => {
  it("is done at each turn, never twice at a time, and again after it failed; a stop waits for it", async () => {
    const clock = new ManualClock();
    const errors: unknown[] = [];
    const ends: ((error?: Error) => void)[] = [];
    const work = () =>
      new Promise<void>((done, fail) => ends.push((error) => (error === undefined ? done() : fail(error))));
    const recurring = new Recurring({ everyMs: 1000, work, failed: (error) => errors.push(error), clock });
    recurring.start();
    expect(ends.length).toBe(0);
    await clock.advance(3000);
    expect(ends.length).toBe(1);
    const failure = new Error("not now");
    ends[0]?.(failure);
    await turn();
    expect(errors).toEqual([failure]);
    await clock.advance(1000);
    expect(ends.length).toBe(2);

    let stopped = false;
    const stop = recurring.stop().then(() => {
      stopped = true;
    });
    await turn();
    expect(stopped).toBe(false);
    ends[1]?.();
    await stop;
    await clock.advance(5000);
    expect(ends.length).toBe(2);
  });
});
