import type { Snapshot } from "@storeward/contracts";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Assembly } from "./assembly.js";

const id = (digit: string) => digit.repeat(32);
const asOf = { epoch: id("e"), seq: 1, at: { boot: id("b"), mono: 1, wall: "2026-11-25T21:00:00.000Z" } };
const part = (n: number, parts: number, snapshot = id("1"), agent = "edge"): Snapshot => ({
  v: 1,
  agent,
  session: id("5"),
  snapshot,
  part: n,
  parts,
  asOf,
  readPoints: [{ readPoint: `p${n}`, state: "watching", tags: [] }],
});

describe("the parts of a snapshot", () => {
  it("are one in any order, with any of them twice, and none is given before it is whole", () => {
    const orders = fc.integer({ min: 1, max: 12 }).chain((parts) => {
      const all = Array.from({ length: parts }, (_, i) => i + 1);
      return fc.tuple(
        fc.constant(parts),
        fc.shuffledSubarray(all, { minLength: parts, maxLength: parts }),
        fc.array(fc.nat({ max: parts - 1 }), { maxLength: 5 }),
      );
    });
    fc.assert(
      fc.property(orders, ([parts, order, again]) => {
        const assembly = new Assembly();
        order.forEach((n, i) => {
          for (const k of again) if (k < i) expect(assembly.take(part(order[k]!, parts), 10, 0)).toBeUndefined();
          const whole = assembly.take(part(n, parts), 10, 0);
          if (i < parts - 1) expect(whole).toBeUndefined();
          else expect(whole?.map(({ readPoint }) => readPoint).sort()).toEqual(order.map((each) => `p${each}`).sort());
        });
        expect(assembly.bytes).toBe(0);
      }),
    );
  });

  it("of an older snapshot give way to the next one", () => {
    const assembly = new Assembly();
    assembly.take(part(1, 2), 10, 0);
    expect(assembly.take(part(2, 2, id("2")), 10, 0)).toBeUndefined();
    expect(assembly.take(part(1, 2, id("2")), 10, 0)).toHaveLength(2);
  });

  it("that never become whole are forgotten, the oldest first: memory is bounded", () => {
    const assembly = new Assembly();
    for (let agent = 0; agent < 3_000; agent++) assembly.take(part(1, 2, id("1"), `agent-${agent}`), 64 * 1024, 0);
    expect(assembly.bytes).toBeLessThanOrEqual(64 * 1024 * 1024);
    expect(assembly.take(part(2, 2, id("1"), "agent-2999"), 10, 0)).toHaveLength(2);
    expect(assembly.take(part(2, 2, id("1"), "agent-0"), 10, 0)).toBeUndefined();
    assembly.take(part(1, 2, id("1"), "late"), 10, 60_001);
    expect(assembly.bytes).toBe(10);
  });
});
