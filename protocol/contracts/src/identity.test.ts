import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CODE_PATTERN, PARTITIONS, partitionOf } from "./identity.js";

/** FNV-1a 32 test vectors as published with the algorithm (Fowler, Noll, Vo: test_fnv.c). */
const FNV1A_32: Record<string, number> = {
  "": 0x811c9dc5,
  a: 0xe40c292c,
  b: 0xe70c2de5,
  c: 0xe60c2c52,
  d: 0xe10c2473,
  e: 0xe00c22e0,
  f: 0xe30c2799,
  fo: 0x6222e842,
  foo: 0xa9f37ed7,
  foob: 0x3f5076ef,
  fooba: 0x39aaa18a,
  foobar: 0xbf9cf968,
};

describe("partitionOf", () => {
  it("is FNV-1a 32 modulo 64, by the published vectors", () => {
    for (const [text, hash] of Object.entries(FNV1A_32)) expect([text, partitionOf(text)]).toEqual([text, hash % 64]);
  });

  it("gives every agent a partition of the fleet, and always the same", () => {
    fc.assert(
      fc.property(fc.stringMatching(new RegExp(CODE_PATTERN)), (agent) => {
        const partition = partitionOf(agent);
        expect(Number.isInteger(partition) && partition >= 0 && partition < PARTITIONS).toBe(true);
        expect(partitionOf(agent)).toBe(partition);
      }),
    );
  });

  it("spreads a fleet with numbered names: no partition has more than three times its share", () => {
    const counts = new Map<number, number>();
    for (let i = 0; i < 6400; i++) {
      const partition = partitionOf(`edge-${i}`);
      counts.set(partition, (counts.get(partition) ?? 0) + 1);
    }
    expect(counts.size).toBe(PARTITIONS);
    expect(Math.max(...counts.values())).toBeLessThan(300);
  });
});
