import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Counters } from "./counters.js";
import { StreamClock } from "./stream-clock.js";

const clock = (startedAt = 0) => {
  const counters = new Counters();
  return { counters, clock: new StreamClock(startedAt, counters) };
};
const DAY = 86_400_000;

describe("the clock of a stream", () => {
  it("never dates anything later than its arrival or long before it, whatever the reader's clock does", () => {
    const steps = fc.array(
      fc.record({
        passed: fc.integer({ min: 1, max: 2_000 }),
        delay: fc.integer({ min: 0, max: 400 }),
        step: fc.oneof(
          { weight: 5, arbitrary: fc.constant(0) },
          { weight: 1, arbitrary: fc.integer({ min: -DAY, max: DAY }) },
        ),
      }),
      { minLength: 1, maxLength: 60 },
    );
    fc.assert(
      fc.property(steps, fc.integer({ min: -DAY, max: DAY }), (sent, offset) => {
        const { clock: dated } = clock(-60_000);
        let now = 1_000;
        let off = offset;
        for (const { passed, delay, step } of sent) {
          now += passed;
          off += step;
          const arrival = now + delay;
          dated.pair(now + off, arrival);
          const at = dated.date(now + off, arrival);
          expect(at).toBeLessThanOrEqual(arrival);
          expect(at).toBeGreaterThanOrEqual(arrival - 5_000);
          now = arrival;
        }
      }),
    );
  });

  it("is right again within ten seconds of a clock that was set back", () => {
    const { clock: dated, counters } = clock(-60_000);
    for (let now = 0; now < 30_000; now += 100) {
      const reader = now < 10_000 ? now : now - DAY;
      dated.pair(reader, now + 20);
      const at = dated.date(reader, now + 20);
      if (now < 10_000 || now >= 20_000) expect(at).toBe(now + 20);
    }
    expect(counters.values().clockSteps).toBeLessThanOrEqual(100);
  });

  it("leaves out what a reader kept from before the stream began", () => {
    const { clock: dated, counters } = clock(1_000);
    dated.pair(50_000, 1_000);
    expect(dated.date(20_000, 1_050)).toBeUndefined();
    expect(dated.date(50_040, 1_050)).toBe(1_040);
    expect(counters.values()).toEqual({ staleReads: 1 });
  });

  it("dates by arrival what has no time", () => {
    const { clock: dated } = clock();
    dated.pair(Number.NaN, 5);
    expect(dated.date(Number.NaN, 7)).toBe(7);
  });
});
