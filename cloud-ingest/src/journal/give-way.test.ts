import { ManualClock } from "@storeward/runtime";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { GiveWay } from "./give-way.js";

/** Works through pieces of these lengths (ms), each as soon as it may, and says when each was begun. */
function pieces(way: GiveWay, clock: ManualClock, lengths: readonly number[]): number[] {
  const begun: number[] = [];
  const work = async () => {
    for (const length of lengths)
      await way.turn(async () => {
        begun.push(clock.mono());
        await clock.sleep(length);
      });
  };
  void work();
  return begun;
}

describe("work that gives way", () => {
  it("is done one piece at a time with at most a sixth of the time while the process is busy, whoever does it", async () => {
    const length = fc.integer({ min: 25, max: 900 });
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(length, { minLength: 1, maxLength: 5 }), { maxLength: 4 }),
        async (workers) => {
          const clock = new ManualClock();
          let working = 0;
          let worked = 0;
          const way = new GiveWay({ clock, isBusy: () => true });
          for (const lengths of workers)
            void (async () => {
              for (const each of lengths)
                await way.turn(async () => {
                  expect(++working).toBe(1);
                  await clock.sleep(each);
                  worked += each;
                  working--;
                });
            })();
          const all = workers.flat().reduce((sum, each) => sum + each, 0);
          await clock.advance(all * 3);
          // But for a piece that has just ended, whose rest is to come.
          expect(worked).toBeLessThanOrEqual((all * 3) / 6 + 900);
          await clock.advance(all * 4);
          expect(worked).toBe(all);
          expect(clock.pending).toBe(0);
        },
      ),
      { numRuns: 30 },
    );
  });

  it("waits for nothing while the process is not busy, and goes on as soon as it is not any more", async () => {
    const clock = new ManualClock();
    let isBusy = false;
    const way = new GiveWay({ clock, isBusy: () => isBusy });
    const [one, other] = [pieces(way, clock, [100, 100]), pieces(way, clock, [100])];
    await clock.advance(50);
    isBusy = true;
    await clock.advance(100);
    expect([one, other]).toEqual([[0, 100], [0]]);
    const late = pieces(way, clock, [10]);
    await clock.advance(300);
    expect(late).toEqual([]);
    isBusy = false;
    await clock.advance(25);
    expect(late).toEqual([475]);
  });

  it("goes on after an error, which is for whoever asked", async () => {
    const clock = new ManualClock();
    const way = new GiveWay({ clock, isBusy: () => true });
    await expect(way.turn(() => Promise.reject(new Error("no")))).rejects.toThrow("no");
    await expect(way.turn(async () => "done")).resolves.toBe("done");
  });
});
