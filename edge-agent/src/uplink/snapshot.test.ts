import { MAX_SNAPSHOT_BYTES, Snapshot } from "@storeward/contracts";
import { validator } from "@storeward/runtime";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { snapshotTexts } from "./snapshot.js";

const asSnapshot = validator(Snapshot);
const id = (digit: string) => digit.repeat(32);
const envelope = {
  agent: "a".repeat(40),
  session: id("1"),
  snapshot: id("2"),
  asOf: {
    epoch: id("3"),
    seq: Number.MAX_SAFE_INTEGER,
    at: { boot: id("4"), mono: 123_456_789_012.345, wall: "2026-11-25T21:00:00.000Z" },
  },
};
const epc = (n: number, words: number) =>
  n
    .toString(16)
    .toUpperCase()
    .padStart(4 * words, "0");

describe("a snapshot", () => {
  it("says each tag once, in parts that the contract takes, however many there are and however long", () => {
    const points = fc.array(
      fc.record({ tags: fc.integer({ min: 0, max: 9_000 }), words: fc.integer({ min: 2, max: 31 }) }),
      {
        maxLength: 300,
        size: "max",
      },
    );
    fc.assert(
      fc.property(points, (made) => {
        // Most read points are small, or the test would take longer than it tells.
        const sizes = made.map(({ tags, words }, i) => ({ tags: i % 50 === 0 ? tags : tags % 7, words }));
        const coverage = sizes.map((_, i) => ({ readPoint: `p${i}`, state: "watching" as const }));
        const presences = sizes.flatMap(({ tags, words }, i) =>
          Array.from({ length: tags }, (_, n) => ({ readPoint: `p${i}`, epc: epc(n, words) })),
        );
        const texts = snapshotTexts({ ...envelope, coverage, presences });
        const told = new Map<string, string[]>();
        texts.forEach((text, i) => {
          expect(Buffer.byteLength(text)).toBeLessThanOrEqual(MAX_SNAPSHOT_BYTES);
          const read = asSnapshot(JSON.parse(text));
          if (!read.ok) throw new Error(read.errors.join("; "));
          expect([read.value.part, read.value.parts]).toEqual([i + 1, texts.length]);
          for (const { readPoint, tags } of read.value.readPoints)
            told.set(readPoint, [...(told.get(readPoint) ?? []), ...tags]);
        });
        expect([...told.keys()].sort()).toEqual(coverage.map(({ readPoint }) => readPoint).sort());
        for (const { readPoint } of coverage)
          expect(told.get(readPoint)).toEqual(
            presences.filter((one) => one.readPoint === readPoint).map((one) => one.epc),
          );
      }),
      { numRuns: 15 },
    );
  });

  it("says nothing of a read point that is no more", () => {
    const texts = snapshotTexts({ ...envelope, coverage: [], presences: [{ readPoint: "gone", epc: "3000" }] });
    expect(texts.map((text) => (JSON.parse(text) as Snapshot).readPoints)).toEqual([[]]);
  });
});
