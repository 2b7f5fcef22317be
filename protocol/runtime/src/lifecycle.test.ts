import { describe, expect, it } from "vitest";
import { describeError } from "./errors.js";
import { Lifecycle, type Part } from "./lifecycle.js";
import { ManualClock } from "./manual-clock.js";

function parts(log: string[], names: string[], odd: Partial<Record<string, Partial<Part>>> = {}): Part[] {
  return names.map((name) => ({
    name,
    start: async () => void log.push(`+${name}`),
    stop: async () => void log.push(`-${name}`),
    ...odd[name],
  }));
}

const failing = async (): Promise<void> => {
  throw new Error("broken");
};
const hanging = (): Promise<void> => new Promise(() => undefined);

describe("Lifecycle", () => {
  it("starts in order and stops in reverse, once", async () => {
    const log: string[] = [];
    const life = new Lifecycle("box");
    for (const part of parts(log, ["a", "b", "c"])) life.add(part);
    await Promise.all([life.start(), life.start()]);
    await Promise.all([life.stop(), life.stop()]);
    await life.stop();
    expect(log).toEqual(["+a", "+b", "+c", "-c", "-b", "-a"]);
    expect(() => life.add(parts(log, ["late"])[0]!)).toThrow("late was added to box after its start");
  });

  it("stops what had started when a part cannot start, and throws that part's error", async () => {
    const log: string[] = [];
    const life = new Lifecycle("box");
    for (const part of parts(log, ["a", "b", "c", "d"], { c: { start: failing }, b: { stop: failing } }))
      life.add(part);
    await expect(life.start()).rejects.toThrow("broken");
    expect(log).toEqual(["+a", "+b", "-a"]);
    await life.stop();
    expect(log).toEqual(["+a", "+b", "-a"]);
  });

  it("goes on stopping past a part that hangs or fails, and names both", async () => {
    const clock = new ManualClock();
    const log: string[] = [];
    const life = new Lifecycle("box", { clock });
    for (const part of parts(log, ["a", "b", "c", "d"], { b: { stop: failing }, c: { stop: hanging } })) life.add(part);
    await life.start();
    const stopped = life.stop().catch((error: unknown) => error);
    await clock.advance(9_999);
    expect(log.at(-1)).toBe("-d");
    await clock.advance(1);
    const text = describeError(await stopped);
    expect(log.at(-1)).toBe("-a");
    expect(text).toContain("STOP_FAILED: box did not stop cleanly: c, b");
    expect(text).toContain("STOP_HUNG: c did not stop within 10000 ms");
    expect(clock.pending).toBe(0);
  });

  it("stopped while starting, starts no further part and stops those that had started", async () => {
    const log: string[] = [];
    let release = (): void => undefined;
    const slow = (): Promise<void> => new Promise((resolve) => (release = resolve));
    const life = new Lifecycle("box", { clock: new ManualClock() });
    for (const part of parts(log, ["a", "b", "c"], { b: { start: slow } })) life.add(part);
    const started = expect(life.start()).rejects.toMatchObject({ code: "START_INTERRUPTED" });
    await Promise.resolve();
    const stopped = life.stop();
    release();
    await Promise.all([started, stopped]);
    expect(log).toEqual(["+a", "-b", "-a"]);
  });

  it("stops a part whose start hangs, after the limit", async () => {
    const clock = new ManualClock();
    const log: string[] = [];
    const life = new Lifecycle("box", { clock, stopLimitMs: 100 });
    for (const part of parts(log, ["a", "b"], { b: { start: hanging } })) life.add(part);
    void life.start();
    await clock.advance(0);
    const stopped = life.stop();
    await clock.advance(100);
    await stopped;
    expect(log).toEqual(["+a", "-b", "-a"]);
  });
});
