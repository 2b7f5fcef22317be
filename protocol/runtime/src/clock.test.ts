import { describe, expect, it } from "vitest";
import { isoMs, systemClock } from "./clock.js";
import { ManualClock } from "./manual-clock.js";

describe("ManualClock", () => {
  it("fires timers in the order in which they are due, promises settling between", async () => {
    const clock = new ManualClock();
    const seen: string[] = [];
    clock.after(20, () => seen.push("20"));
    clock.after(10, () => seen.push("10"));
    clock.after(20, () => seen.push("20 later"));
    void (async () => {
      await clock.sleep(5);
      seen.push("5");
      await clock.sleep(10);
      seen.push("15");
    })();
    await clock.advance(20);
    expect(seen).toEqual(["5", "10", "15", "20", "20 later"]);
    expect(clock.pending).toBe(0);
  });

  it("repeats until stopped, also when stopped from within", async () => {
    const clock = new ManualClock();
    let count = 0;
    const timer = clock.every(10, () => {
      count++;
      if (count === 3) timer.stop();
    });
    await clock.advance(100);
    expect(count).toBe(3);
    expect(clock.pending).toBe(0);
  });

  it("shows a timer the moment it was due for", async () => {
    const clock = new ManualClock({ wall: 1000, mono: 5 });
    const at: number[] = [];
    clock.every(10, () => at.push(clock.wall(), clock.mono()));
    await clock.advance(25);
    expect(at).toEqual([1010, 15, 1020, 25]);
    expect(clock.wall()).toBe(1025);
  });

  it("moves only the wall clock on a step", async () => {
    const clock = new ManualClock({ wall: 1000, mono: 0 });
    clock.stepWall(-500);
    expect([clock.wall(), clock.mono()]).toEqual([500, 0]);
    await clock.advance(1);
    expect([clock.wall(), clock.mono()]).toEqual([501, 1]);
  });

  it("ends a sleep by its signal and leaves no timer", async () => {
    const clock = new ManualClock();
    const controller = new AbortController();
    const sleeping = clock.sleep(1000, controller.signal);
    controller.abort(new Error("enough"));
    await expect(sleeping).rejects.toThrow("enough");
    await expect(clock.sleep(1, controller.signal)).rejects.toThrow("enough");
    expect(clock.pending).toBe(0);
  });
});

describe("systemClock", () => {
  it("goes forward, fires, repeats, stops", async () => {
    const before = systemClock.mono();
    let fired = 0;
    const stopped = systemClock.after(1, () => fired++);
    stopped.stop();
    const never = systemClock.every(2 ** 40, () => fired++);
    const distant = systemClock.after(2 ** 40, () => fired++);
    let beats = 0;
    await new Promise<void>((resolve) => {
      const timer = systemClock.every(1, () => {
        if (++beats < 3) return;
        timer.stop();
        resolve();
      });
    });
    await systemClock.sleep(2);
    never.stop();
    distant.stop();
    expect({ beats, fired }).toEqual({ beats: 3, fired: 0 });
    expect(systemClock.mono()).toBeGreaterThan(before);
    expect(Math.abs(systemClock.wall() - Date.now())).toBeLessThan(1000);
  });
});

it("instants are written in UTC with milliseconds", () => {
  expect(isoMs(0)).toBe("1970-01-01T00:00:00.000Z");
  expect(isoMs(1_772_000_000_001.9)).toMatch(/\.001Z$/);
  expect(() => isoMs(Number.NaN)).toThrow(RangeError);
});
