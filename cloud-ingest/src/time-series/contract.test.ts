import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type TestDatabase, testDatabase } from "../database/testing.js";
import { migrations as journalMigrations } from "../journal/index.js";
import { EmbeddedSeries, migrations, type TimeSeries } from "./index.js";

const minute = (n: number) => new Date(Date.UTC(2026, 2, 1, 12, n));

/** What every place for time series keeps to. */
const implementations: Readonly<Record<string, () => Promise<{ series: TimeSeries; close(): Promise<void> }>>> = {
  embedded: async () => {
    const test: TestDatabase = await testDatabase([...journalMigrations, ...migrations]);
    return { series: new EmbeddedSeries(test.db), close: () => test.close() };
  },
};

describe.each(Object.entries(implementations))("time series in the %s store", (_, open) => {
  let series: TimeSeries;
  let close: () => Promise<void>;
  beforeAll(async () => {
    ({ series, close } = await open());
  });
  afterAll(() => close());

  const ask = (from: number, to: number, step = 60) =>
    series.query({ measurement: "passages", from: minute(from), to: minute(to), step });
  const through = (direction: string) => ({ readPoint: "door", direction });

  it("answers nothing of nothing", async () => {
    expect(await ask(0, 60)).toEqual([]);
    await series.replace([]);
  });

  it("gives back what a bucket holds, by tags, whatever order they are named in", async () => {
    await series.replace([
      {
        measurement: "passages",
        at: minute(1),
        points: [
          { tags: through("in"), count: 2 },
          { tags: { direction: "out", readPoint: "door" }, count: 1 },
        ],
      },
      { measurement: "passages", at: minute(2), points: [{ tags: { direction: "in", readPoint: "door" }, count: 5 }] },
      { measurement: "arrivals", at: minute(1), points: [{ tags: { place: "x", kind: "pump" }, count: 9 }] },
    ]);
    const answer = await ask(0, 60);
    expect(answer).toHaveLength(2);
    expect(answer).toEqual(
      expect.arrayContaining([
        {
          tags: through("in"),
          points: [
            { at: minute(1), count: 2 },
            { at: minute(2), count: 5 },
          ],
        },
        { tags: through("out"), points: [{ at: minute(1), count: 1 }] },
      ]),
    );
  });

  it("writing the same again changes nothing", async () => {
    const before = await ask(0, 60);
    await series.replace([{ measurement: "passages", at: minute(2), points: [{ tags: through("in"), count: 5 }] }]);
    expect(await ask(0, 60)).toEqual(before);
  });

  it("a bucket that is rewritten holds nothing of before", async () => {
    await series.replace([
      { measurement: "passages", at: minute(1), points: [{ tags: through("unknown"), count: 3 }] },
    ]);
    expect(await ask(1, 2)).toEqual([{ tags: through("unknown"), points: [{ at: minute(1), count: 3 }] }]);
    await series.replace([{ measurement: "passages", at: minute(1), points: [] }]);
    expect(await ask(1, 2)).toEqual([]);
  });

  it("the range includes its first moment and not its last, and steps add up", async () => {
    await series.replace(
      [20, 21, 22, 29, 30].map((n) => ({
        measurement: "passages" as const,
        at: minute(n),
        points: [{ tags: through("in"), count: 1 }],
      })),
    );
    expect(await ask(20, 30, 600)).toEqual([{ tags: through("in"), points: [{ at: minute(20), count: 4 }] }]);
    expect(await ask(21, 22)).toEqual([{ tags: through("in"), points: [{ at: minute(21), count: 1 }] }]);
  });
});
