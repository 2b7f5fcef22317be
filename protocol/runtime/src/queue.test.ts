import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BoundedQueue } from "./queue.js";

describe("BoundedQueue", () => {
  it("refuses when full, or lets the oldest go, and counts both", () => {
    const strict = new BoundedQueue<number>({ max: 2, whenFull: "reject" });
    expect([1, 2, 3].map((n) => strict.offer(n))).toEqual([true, true, false]);
    expect(strict.drain(10)).toEqual([1, 2]);
    expect([strict.rejected, strict.dropped]).toEqual([1, 0]);

    const loose = new BoundedQueue<number>({ max: 2, whenFull: "drop-oldest" });
    expect([1, 2, 3].map((n) => loose.offer(n))).toEqual([true, true, true]);
    expect(loose.drain(1)).toEqual([2]);
    expect([loose.rejected, loose.dropped, loose.size]).toEqual([0, 1, 1]);
  });

  it("refuses an item that alone is over the bound in bytes, and drops nothing for it", () => {
    const queue = new BoundedQueue<string>({ max: 9, maxBytes: 4, sizeOf: (s) => s.length, whenFull: "drop-oldest" });
    expect([queue.offer("ab"), queue.offer("cd"), queue.offer("12345"), queue.offer("e")]).toEqual([
      true,
      true,
      false,
      true,
    ]);
    expect(queue.bytes).toBe(3);
    expect(queue.drain(9)).toEqual(["cd", "e"]);
    expect(queue.bytes).toBe(0);
  });

  it("hands items to those who wait, in the order in which they came", async () => {
    const queue = new BoundedQueue<number>({ max: 1, whenFull: "reject" });
    const controller = new AbortController();
    const first = queue.take();
    const left = queue.take(controller.signal);
    const second = queue.take();
    controller.abort(new Error("gone"));
    await expect(left).rejects.toThrow("gone");
    queue.offer(1);
    queue.offer(2);
    expect(await Promise.all([first, second])).toEqual([1, 2]);
    expect(queue.size).toBe(0);
  });

  it("gives out what it holds after it was closed, then says so", async () => {
    const queue = new BoundedQueue<number>({ max: 5, whenFull: "reject" });
    queue.offer(1);
    queue.close();
    expect(queue.offer(2)).toBe(false);
    expect(await queue.take()).toBe(1);
    await expect(queue.take()).rejects.toMatchObject({ code: "QUEUE_CLOSED" });

    const waiting = new BoundedQueue<number>({ max: 5, whenFull: "reject" });
    const taken = waiting.take();
    waiting.close();
    await expect(taken).rejects.toMatchObject({ code: "QUEUE_CLOSED" });
  });

  it("never holds more than its bounds, keeps the order and accounts for every item", () => {
    const step = fc.oneof(fc.record({ offer: fc.nat(6) }), fc.record({ drain: fc.nat(4) }));
    const rule = fc.constantFrom("reject" as const, "drop-oldest" as const);
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), rule, (steps, whenFull) => {
        const queue = new BoundedQueue<{ id: number; n: number }>({
          max: 5,
          maxBytes: 12,
          sizeOf: ({ n }) => n,
          whenFull,
        });
        const taken: number[] = [];
        let id = 0;
        for (const s of steps) {
          if ("offer" in s) queue.offer({ id: id++, n: s.offer });
          else taken.push(...queue.drain(s.drain).map((item) => item.id));
          expect(queue.size).toBeLessThanOrEqual(5);
          expect(queue.bytes).toBeLessThanOrEqual(12);
        }
        expect(taken).toEqual([...taken].sort((a, b) => a - b));
        expect(taken.length + queue.size + queue.dropped + queue.rejected).toBe(id);
      }),
    );
  });
});
