import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { OpenTimes } from "./open-times.js";
import { NEVER, Wheel } from "./wheel.js";

describe("the wheel", () => {
  it("brings everything up that is due, and looks at nothing else, whatever waits for how long", () => {
    const step = fc.record({
      wait: fc.integer({ min: 0, max: 9_000 }),
      item: fc.nat(15),
      forward: fc.integer({ min: 0, max: 4_000 }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
        const items = Array.from({ length: 16 }, () => ({ turn: NEVER, due: Number.POSITIVE_INFINITY }));
        const wheel = new Wheel<(typeof items)[number]>(100, 32);
        let now = 0;
        const judge = (item: (typeof items)[number]) => {
          if (item.due <= now) item.due = Number.POSITIVE_INFINITY;
          else if (item.due < Number.POSITIVE_INFINITY) wheel.add(item, item.due);
        };
        for (const { wait, item: index, forward } of steps) {
          const item = items[index]!;
          item.due = Math.min(item.due, now + wait);
          wheel.add(item, item.due);
          now += forward;
          wheel.advance(now, judge);
          for (const { due } of items) expect(due).toBeGreaterThan(now);
        }
      }),
    );
  });

  it("does not look at what is not due within the turn", () => {
    const wheel = new Wheel<{ turn: number }>(1_000, 100);
    for (let n = 0; n < 1_000; n++) wheel.add({ turn: NEVER }, 50_000);
    let looked = 0;
    for (let now = 0; now < 50_000; now += 10) wheel.advance(now, () => looked++);
    expect(looked).toBe(0);
    wheel.advance(50_000, () => looked++);
    expect(looked).toBe(1_000);
  });
});

describe("the times since when things are open", () => {
  it("give the oldest of those that are, to 10 ms, whatever comes and goes", () => {
    const step = fc.record({
      back: fc.integer({ min: 0, max: 50_000 }),
      take: fc.boolean(),
      forward: fc.integer({ min: 0, max: 9_000 }),
    });
    fc.assert(
      fc.property(fc.integer({ min: -100_000, max: 100_000 }), fc.array(step, { maxLength: 100 }), (start, steps) => {
        const open = new OpenTimes();
        let kept: number[] = [];
        let now = start;
        for (const { back, take, forward } of steps) {
          now += forward;
          const at = now - back / 7;
          open.add(at);
          kept.push(at);
          if (take) open.remove(kept.shift()!);
          kept = kept.filter((time) => time > now - 40_000);
          const since = now - 30_000;
          const oldest = kept
            .filter((time) => time >= since)
            .reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
          const told = open.oldest(since) ?? Number.POSITIVE_INFINITY;
          expect(told).toBeLessThanOrEqual(oldest);
          // What lies in the same 10 ms as `since`, and before it, may still be told.
          if (told > since) expect(oldest - told || 0).toBeLessThan(10);
        }
      }),
    );
  });
});
