import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Waiting } from "./waiting.js";

const all = () => true;

describe("what waits for a follower", () => {
  it("is taken from as few partitions as have a batch of it, in turns, and from all where it is less", () => {
    const waiting = new Waiting();
    for (const partition of [3, 0, 2, 1]) waiting.came(partition, 60);
    expect(waiting.take(100, all)).toEqual([0, 1]);
    for (const partition of [0, 1]) {
      waiting.handled(partition, 50);
      waiting.wake(partition);
    }
    expect(waiting.take(100, all)).toEqual([2, 3]);
    for (const partition of [2, 3]) waiting.handled(partition, 60);
    expect(waiting.total).toBe(20);
    expect(waiting.take(100, all)).toEqual([0, 1]);
    expect(waiting.isEmpty).toBe(true);
  });

  it("is taken first where others have read, as far as something waits there, and every eighth time in turns as ever", () => {
    const waiting = new Waiting();
    for (const partition of [0, 1, 2, 3, 4]) waiting.came(partition, 60);
    const takes = Array.from({ length: 8 }, () => {
      const taken = waiting.take(100, all, [3, 7, 2]);
      for (const partition of taken) waiting.wake(partition);
      return taken;
    });
    expect(takes).toEqual([...Array.from({ length: 7 }, () => [2, 3]), [0, 1]]);
    expect(waiting.take(130, all, [4])).toEqual([2, 3, 4]);
  });

  it("never leaves a partition waiting for more rounds than there are partitions, whatever comes", () => {
    const partitions = 8;
    const coming = fc.array(fc.tuple(fc.nat(partitions - 1), fc.nat(300)), { maxLength: 12 });
    fc.assert(
      fc.property(fc.array(coming, { minLength: 1, maxLength: 40 }), (rounds) => {
        const waiting = new Waiting();
        const since = new Map<number, number>();
        rounds.forEach((came, round) => {
          for (const [partition, rows] of came) {
            waiting.came(partition, rows);
            if (!since.has(partition)) since.set(partition, round);
          }
          const taken = waiting.take(100, all);
          if (since.size > 0) expect(taken).not.toEqual([]);
          for (const partition of taken) {
            expect(round - (since.get(partition) ?? round)).toBeLessThan(partitions);
            waiting.handled(partition, Math.min(100, waiting.in(partition)));
            if (waiting.in(partition) > 0) {
              waiting.wake(partition);
              since.set(partition, round + 1);
            } else since.delete(partition);
          }
        });
        expect(waiting.total).toBe(Array.from({ length: partitions }, (_, p) => waiting.in(p)).reduce((a, b) => a + b));
      }),
    );
  });

  it("in partitions of others is not taken, and not looked for again until something comes", () => {
    const waiting = new Waiting();
    waiting.found(
      new Map([
        [0, 5],
        [1, 7],
        [2, 0],
      ]),
    );
    expect(waiting.take(100, (partition) => partition === 1)).toEqual([1]);
    expect(waiting.isEmpty).toBe(true);
    expect(waiting.total).toBe(12);
  });
});
