import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ReaderClocks } from "./reader-clocks.js";

const NONE = Number.NaN;

describe("a reader's clock", () => {
  it("is mapped to ours within the shortest delay, however wrong it is, and whichever of the two it tells", () => {
    const delays = fc.array(fc.integer({ min: 0, max: 400 }), { minLength: 5, maxLength: 200 });
    fc.assert(
      fc.property(delays, fc.integer({ min: -1e12, max: 1e12 }), fc.boolean(), (late, ahead, uptime) => {
        const clocks = new ReaderClocks();
        const tell = (ms: number) =>
          uptime ? ([NONE, (ms + ahead) * 1000] as const) : ([(ms + ahead) * 1000, NONE] as const);
        let now = 1_000;
        for (const delay of late) {
          now += 50;
          clocks.pair(...tell(now - delay), now, true);
        }
        const told = clocks.toMono(...tell(now), now + 1_000);
        expect(told).toBeGreaterThanOrEqual(now);
        expect(told).toBeLessThanOrEqual(now + Math.min(...late) + 0.01);
      }),
    );
  });

  it("that slips once is not believed", () => {
    const clocks = new ReaderClocks();
    for (let now = 1_000; now < 2_000; now += 100) clocks.pair(now * 1000, NONE, now, true);
    clocks.pair(9e15, NONE, 2_000, true);
    expect(clocks.toMono(9e15, NONE, 2_000)).toBe(2_000);
    expect(clocks.toMono(1_950_000, NONE, 2_050)).toBe(1_950);
  });

  it("that is set forward is followed at once, and one set back within seconds, which is counted", () => {
    const clocks = new ReaderClocks();
    let now = 1_000;
    const run = (ahead: number, ms: number) => {
      let jumps = 0;
      for (const until = now + ms; now < until; now += 100)
        if (clocks.pair((now + ahead) * 1000, NONE, now, true)) jumps++;
      return jumps;
    };
    const error = (ahead: number) => Math.abs(clocks.toMono((now + ahead) * 1000, NONE, now + 1e9) - now);
    run(0, 5_000);
    expect(run(3_600_000, 300)).toBe(0);
    expect(error(3_600_000)).toBeLessThan(1);
    expect(run(-7_200_000, 11_000)).toBe(1);
    expect(error(-7_200_000)).toBeLessThan(1);
  });

  it("is not taken for one that was set back by what the reader held for an hour", () => {
    const clocks = new ReaderClocks();
    clocks.pair(4_000_000_000, NONE, 4_000_000, true);
    for (let i = 0; i < 3_000; i++) {
      expect(clocks.pair((400_000 + i * 1000) * 1000, NONE, 4_000_000 + i * 10, false)).toBe(false);
    }
    expect(clocks.toMono(500_000_000, NONE, 4_030_000)).toBe(500_000);
  });

  it("tells how far it is ahead of ours; one that tells no UTC says nothing about it", () => {
    const clocks = new ReaderClocks();
    clocks.pair(NONE, 5_000_000, 1_000, true);
    expect(clocks.utcAhead(0)).toBeUndefined();
    clocks.pair(1_700_000_060_000_000, NONE, 1_000, true);
    expect(clocks.utcAhead(1_700_000_000_000 - 1_000)).toBe(60_000);
  });
});
