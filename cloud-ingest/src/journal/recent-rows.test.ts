import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { RecentRows } from "./recent-rows.js";

interface Row {
  readonly partition: number;
  readonly pos: number;
  /** Which of several pasts it is of. */
  readonly life: number;
}

const PARTITIONS = 3;
const BYTES = 10;
const MAX_BYTES = 200;

const event = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant("append" as const),
      partition: fc.nat(PARTITIONS - 1),
      rows: fc.integer({ min: 1, max: 8 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("elsewhere" as const),
      partition: fc.nat(PARTITIONS - 1),
      rows: fc.integer({ min: 1, max: 8 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("back" as const),
      partition: fc.nat(PARTITIONS - 1),
      rows: fc.integer({ min: 1, max: 8 }),
    }),
  },
);

describe("recent rows", () => {
  it("are what the database has, whoever appends and even if it went back, and never more than there may be", () => {
    fc.assert(
      fc.property(
        fc.array(event, { maxLength: 60 }),
        fc.nat(40),
        fc.integer({ min: 1, max: 12 }),
        (events, after, limit) => {
          const recent = new RecentRows<Row>(MAX_BYTES);
          const stored = Array.from({ length: PARTITIONS }, (): Row[] => []);
          let life = 0;
          for (const { kind, partition, rows: count } of events) {
            const log = stored[partition] ?? [];
            if (kind === "back") {
              log.length = Math.max(0, log.length - count);
              life++;
            }
            const first = log.length + 1;
            const rows = Array.from({ length: count }, (_, n): Row => ({ partition, pos: first + n, life }));
            log.push(...rows);
            // What another process appends does not come here.
            if (kind === "elsewhere") continue;
            recent.add(rows, count * BYTES);
            expect(recent.bytes).toBeLessThanOrEqual(MAX_BYTES);
            const found = recent.after(partition, after, limit);
            if (found !== undefined) expect(found).toEqual(log.slice(after, after + found.length));
            if (found !== undefined) expect(found.length).toBeGreaterThan(0);
          }
        },
      ),
      { numRuns: 500 },
    );
  });

  it("are given from right after a position, up to the last", () => {
    const recent = new RecentRows<Omit<Row, "life">>(MAX_BYTES);
    const rows = (from: number, to: number) =>
      Array.from({ length: to - from + 1 }, (_, n) => ({ partition: 1, pos: from + n }));
    recent.add(rows(5, 7), 30);
    recent.add(rows(8, 9), 20);
    expect(recent.after(1, 4, 100)).toEqual(rows(5, 9));
    expect(recent.after(1, 6, 2)).toEqual(rows(7, 8));
    expect(recent.after(1, 3, 100)).toBeUndefined();
    expect(recent.after(1, 9, 100)).toBeUndefined();
    expect(recent.after(2, 4, 100)).toBeUndefined();
    recent.replacedFrom(1, 10);
    expect(recent.after(1, 4, 1)).toEqual(rows(5, 5));
    recent.replacedFrom(1, 9);
    expect(recent.after(1, 4, 1)).toBeUndefined();
    expect(recent.bytes).toBe(0);
  });
});
