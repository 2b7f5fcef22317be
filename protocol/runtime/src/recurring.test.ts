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

  it("rests as long as it asks to, or until it is stopped, and knows that it is", async () => {
    const clock = new ManualClock();
    const rested: boolean[] = [];
    const errors: unknown[] = [];
    const work = async () => {
      await recurring.rest(0);
      while (!recurring.isStopped) {
        await recurring.rest(500);
        rested.push(recurring.isStopped);
      }
    };
    const recurring = new Recurring({ everyMs: 1000, work, failed: (error) => errors.push(error), clock });
    expect(recurring.isStopped).toBe(false);
    for (const _ of ["started", "started again"]) {
      recurring.start();
      expect(recurring.isStopped).toBe(false);
      await clock.advance(1499);
      expect(rested).toEqual([]);
      await clock.advance(1);
      expect(rested).toEqual([false]);
      const stop = recurring.stop();
      expect(recurring.isStopped).toBe(true);
      await stop;
      expect(rested.splice(0)).toEqual([false, true]);
      await recurring.rest(500);
      expect(clock.pending).toBe(0);
    }
    expect(errors).toEqual([]);
  });
});
