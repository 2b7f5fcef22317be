import { PARTITIONS } from "@storeward/contracts";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Held, nextMove, type Sharer } from "./sharing.js";

/** Processes that come, go and act on what the database said a moment ago. */
class World {
  readonly living = new Map<string, Sharer>();
  readonly holders = new Map<number, string | null>(Array.from({ length: PARTITIONS }, (_, n) => [n, null]));

  look(): { living: Sharer[]; leases: Held[] } {
    return {
      living: [...this.living.values()],
      leases: [...this.holders].map(([partition, holder]) => ({ partition, holder })),
    };
  }

  /** What `id` does, by a look from before or from now; how many leases moved. */
  act(id: string, seen = this.look()): number {
    if (!this.living.has(id)) return 0;
    const { take, give } = nextMove(id, seen.living, seen.leases);
    for (const partition of give) this.holders.set(partition, null);
    const taken = this.free().slice(0, take);
    for (const partition of taken) this.holders.set(partition, id);
    return give.length + taken.length;
  }

  /** Everyone acts once: one after the other, or all by the same look. */
  round(order: readonly string[], atOnce: boolean): number {
    const seen = atOnce ? this.look() : undefined;
    return order.reduce((sum, id) => sum + this.act(id, seen), 0);
  }

  free(): number[] {
    return [...this.holders].flatMap(([partition, holder]) =>
      holder === null || !this.living.has(holder) ? [partition] : [],
    );
  }

  count(id: string): number {
    return [...this.holders.values()].filter((holder) => holder === id).length;
  }
}

const ids = Array.from({ length: 80 }, (_, n) => `process-${n}`);
const id = fc.constantFrom(...ids.slice(0, 7));
const happening = fc.oneof(
  { weight: 3, arbitrary: fc.record({ what: fc.constant("comes" as const), id, hears: fc.boolean() }) },
  fc.record({ what: fc.constant("dies" as const), id }),
  fc.record({ what: fc.constant("acts" as const), id }),
  fc.record({ what: fc.constant("acts late" as const), id }),
);

function played(happenings: readonly (typeof happening extends fc.Arbitrary<infer T> ? T : never)[]): World {
  const world = new World();
  let before = world.look();
  for (const one of happenings) {
    const now = world.look();
    if (one.what === "comes") world.living.set(one.id, { id: one.id, hears: one.hears });
    else if (one.what === "dies") world.living.delete(one.id);
    else world.act(one.id, one.what === "acts late" ? before : now);
    before = now;
  }
  return world;
}

describe("the sharing of partitions", () => {
  it("ends within three looks of everybody with nothing free and shares that differ by one at most, whatever came before", () => {
    fc.assert(
      fc.property(fc.array(happening, { maxLength: 40 }), fc.boolean(), (happenings, atOnce) => {
        const world = played(happenings);
        const order = [...world.living.keys()];
        fc.pre(order.length > 0);
        for (let round = 0; round < 3; round++) world.round(order, atOnce);
        expect(world.free()).toEqual([]);
        const hearing = [...world.living.values()].filter(({ hears }) => hears);
        const sharing = hearing.length > 0 ? hearing : [...world.living.values()];
        const counts = sharing.map((one) => world.count(one.id));
        expect(counts.reduce((a, b) => a + b)).toBe(PARTITIONS);
        expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
        // Nothing flaps.
        expect(world.round(order, atOnce) + world.round([...order].reverse(), !atOnce)).toBe(0);
      }),
    );
  });

  it("leaves nothing without a holder for longer than two looks of everybody when processes die, however many", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 70 }),
        fc.integer({ min: 1, max: 69 }),
        fc.boolean(),
        (all, die, atOnce) => {
          fc.pre(die < all);
          const world = new World();
          for (const one of ids.slice(0, all)) world.living.set(one, { id: one, hears: true });
          for (let round = 0; round < 3; round++) world.round([...world.living.keys()], atOnce);
          for (const one of ids.slice(0, die)) world.living.delete(one);
          for (let round = 0; round < 2; round++) world.round([...world.living.keys()], atOnce);
          expect(world.free()).toEqual([]);
        },
      ),
    );
  });

  it("moves no more for one that comes than its share, and nobody's who has no more than that", () => {
    for (let before = 1; before < 20; before++) {
      const world = new World();
      for (const one of ids.slice(0, before)) world.living.set(one, { id: one, hears: true });
      for (let round = 0; round < 3; round++) world.round([...world.living.keys()], true);
      const held = new Map(world.holders);
      world.living.set("new", { id: "new", hears: true });
      for (let round = 0; round < 3; round++) world.round([...world.living.keys()], true);
      const moved = [...world.holders].filter(([partition, holder]) => held.get(partition) !== holder);
      expect(moved.every(([, holder]) => holder === "new")).toBe(true);
      expect(moved).toHaveLength(Math.floor(PARTITIONS / (before + 1)));
    }
  });
});
