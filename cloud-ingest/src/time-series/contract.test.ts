import { MEASUREMENTS, presenceOf, SERIES_TAGS, seriesSpec } from "@storeward/contracts";
import { freePort } from "@storeward/reader-simulators";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type TestDatabase, testDatabase } from "../database/testing.js";
import { migrations as journalMigrations } from "../journal/index.js";
import { EmbeddedSeries } from "./embedded.js";
import { InfluxSeries } from "./influx/influx-series.js";
import { Influx1 } from "./influx/influx1.js";
import { Influx2 } from "./influx/influx2.js";
import { InfluxV2Forwarder, ORG, skipInflux, TestInflux, TOKEN } from "./influx/testing.js";
import { migrations } from "./migrations.js";
import { canonical, tagValue } from "./tags.js";
import type { Fields, FullBucket, TimeSeries } from "./types.js";

const minute = (n: number) => new Date(Date.UTC(2026, 2, 1, 12, n));
const influx = new TestInflux();
const forwarder = new InfluxV2Forwarder(() => influx.url);
let forwarderUrl = "";
beforeAll(async () => {
  if (skipInflux) return;
  await influx.start();
  forwarderUrl = await forwarder.listen();
}, 120_000);
afterAll(async () => {
  if (!skipInflux) await forwarder.close();
  await influx.close();
}, 60_000);

interface Opened {
  readonly series: TimeSeries;
  close(): Promise<void>;
}

/** What every place for time series keeps to. */
const implementations: Readonly<Record<string, { readonly skip?: boolean; open(): Promise<Opened> }>> = {
  "the database": {
    open: async () => {
      const test: TestDatabase = await testDatabase([...journalMigrations, ...migrations]);
      return { series: new EmbeddedSeries(test.db), close: () => test.close() };
    },
  },
  "InfluxDB 1.x (skipped where it is not installed)": {
    skip: skipInflux,
    open: async () => {
      const connection = new Influx1({
        kind: "influx1",
        url: influx.url,
        database: "v1",
        keepDays: 36_500,
        shardHours: 24,
      });
      return { series: new InfluxSeries(connection), close: async () => undefined };
    },
  },
  "what takes writes as InfluxDB 2.x does (skipped where 1.x is not installed)": {
    skip: skipInflux,
    open: async () => {
      const connection = new Influx2(
        { kind: "influx2", url: forwarderUrl, org: ORG, bucket: "v2", tokenFile: "" },
        { token: TOKEN },
      );
      return { series: new InfluxSeries(connection), close: async () => undefined };
    },
  },
};

describe.each(Object.entries(implementations))("time series in %s", (_, { skip = false, open }) => {
  let series: TimeSeries;
  let close: () => Promise<void> = async () => undefined;
  beforeAll(async () => {
    if (skip) return;
    ({ series, close } = await open());
    await series.prepare();
    await series.prepare();
  });
  afterAll(() => close());

  const ask = (from: number, to: number, step = 60) =>
    series.query({ measurement: "passages", from: minute(from), to: minute(to), step });
  const through = (direction: string) => ({ read_point: "door", direction });
  const one = (n: number, tags: Record<string, string>, count: number): FullBucket => ({
    measurement: "passages",
    at: minute(n),
    points: [{ tags, fields: { count } }],
  });
  const test = it.skipIf(skip);

  test("answers nothing of nothing", async () => {
    expect(await ask(0, 60)).toEqual([]);
    await series.replace([]);
  });

  test("gives back what a bucket holds, by tags, whatever order they are named in", async () => {
    await series.replace([
      {
        measurement: "passages",
        at: minute(1),
        points: [
          { tags: through("in"), fields: { count: 2 } },
          { tags: { direction: "out", read_point: "door" }, fields: { count: 1 } },
        ],
      },
      one(2, { direction: "in", read_point: "door" }, 5),
      {
        measurement: "arrivals",
        at: minute(1),
        points: [{ tags: { place: "x", kind: "pump" }, fields: { count: 9 } }],
      },
    ]);
    expect(await ask(0, 60)).toEqual([
      {
        tags: through("in"),
        points: [
          { at: minute(1), fields: { count: 2 } },
          { at: minute(2), fields: { count: 5 } },
        ],
      },
      { tags: through("out"), points: [{ at: minute(1), fields: { count: 1 } }] },
    ]);
  });

  test("writing the same again changes nothing", async () => {
    const before = await ask(0, 60);
    await series.replace([one(2, through("in"), 5)]);
    expect(await ask(0, 60)).toEqual(before);
  });

  test("a bucket that is rewritten holds nothing of before, and may hold it again", async () => {
    await series.replace([one(1, through("unknown"), 3)]);
    expect(await ask(1, 2)).toEqual([{ tags: through("unknown"), points: [{ at: minute(1), fields: { count: 3 } }] }]);
    await series.replace([{ measurement: "passages", at: minute(1), points: [] }]);
    expect(await ask(1, 2)).toEqual([]);
    await series.replace([one(1, through("in"), 7)]);
    expect(await ask(1, 2)).toEqual([{ tags: through("in"), points: [{ at: minute(1), fields: { count: 7 } }] }]);
  });

  test("the range includes its first moment and not its last, and steps add up", async () => {
    await series.replace([20, 21, 22, 29, 30].map((n) => one(n, through("in"), 1)));
    expect(await ask(20, 30, 600)).toEqual([
      { tags: through("in"), points: [{ at: minute(20), fields: { count: 4 } }] },
    ]);
    expect(await ask(21, 22)).toEqual([{ tags: through("in"), points: [{ at: minute(21), fields: { count: 1 } }] }]);
  });

  test("each field is put together as the table of measurements says, over minutes that are there", async () => {
    const tags = { agent: "a", reader: "r", antenna: "1", read_point: "p" };
    const sample = (n: number, fields: Fields): FullBucket => ({
      measurement: "antenna",
      at: minute(n),
      points: [{ tags, fields }],
    });
    await series.replace([
      sample(40, { samples: 6, reads: 10, tags: 3, watching: 1, rssi_mean: -50, rssi_max: -40 }),
      sample(41, { samples: 6, reads: 0, tags: 0, watching: 0 }),
      sample(42, { samples: 6, reads: 20, tags: 2, watching: 1, rssi_mean: -60.5, rssi_max: -45 }),
      sample(43, { samples: 6, reads: 99, tags: 9, watching: 1, rssi_mean: -30, rssi_max: -30 }),
    ]);
    await series.replace([{ measurement: "antenna", at: minute(43), points: [] }]);
    const found = await series.query({ measurement: "antenna", from: minute(40), to: minute(50), step: 600 });
    expect(found).toHaveLength(1);
    expect(found[0]).toMatchObject({ tags, points: [{ at: minute(40) }] });
    const { watching, ...rest } = found[0]?.points[0]?.fields ?? {};
    expect(watching).toBeCloseTo(2 / 3);
    expect(rest).toEqual({ samples: 18, reads: 30, tags: 3, rssi_mean: -55.25, rssi_max: -40 });
  });

  test("whatever a catalogue calls a kind comes back as it went", async () => {
    const kind = fc.string({ unit: "grapheme", maxLength: 30 });
    const awkward = [
      "a=b, c d",
      'say "x"',
      "it's",
      "Größe 5 µm",
      "#1",
      "%{}[]",
      "a,b=c\\ d\\",
      "日本 🩺",
      "select * from x; --",
    ];
    await fc.assert(
      fc.asyncProperty(fc.array(kind, { minLength: 1, maxLength: 20 }), async (drawn) => {
        const kinds = [...new Set([...drawn, ...awkward].map(tagValue))];
        const points = kinds.map((name) => ({ tags: { kind: name, place: "x" }, fields: { items: 1.5 } }));
        await series.replace([{ measurement: "occupancy", at: minute(50), points }]);
        const found = await series.query({ measurement: "occupancy", from: minute(50), to: minute(51), step: 60 });
        expect(found.map(({ tags }) => canonical(tags)).sort()).toEqual(
          points.map(({ tags }) => canonical(tags)).sort(),
        );
      }),
      { numRuns: 8 },
    );
  });

  test("after any rewriting of any buckets it holds what was written last, one by one", async () => {
    const directions = ["in", "out", "unknown"];
    const write = fc.record({
      n: fc.nat(5),
      of: fc.uniqueArray(fc.constantFrom(...directions)),
      count: fc.integer({ min: 1, max: 9 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(write, { minLength: 1, maxLength: 6 }), async (writes) => {
        const held = new Map<string, number>();
        for (const { n, of, count } of writes) {
          const points = of.map((direction) => ({ tags: through(direction), fields: { count } }));
          await series.replace([{ measurement: "passages", at: minute(100 + n), points }]);
          for (const direction of directions) held.delete(`${n} ${direction}`);
          for (const direction of of) held.set(`${n} ${direction}`, count);
        }
        const found = (await ask(100, 106)).flatMap(({ tags, points }) =>
          points.map(({ at, fields }) => [`${at.getUTCMinutes() - 40} ${tags.direction}`, fields.count] as const),
        );
        expect(new Map(found)).toEqual(held);
        await series.replace(
          Array.from({ length: 6 }, (_, n) => ({ measurement: "passages", at: minute(100 + n), points: [] })),
        );
      }),
      { numRuns: 8 },
    );
  });
});

describe("an InfluxDB that cannot be used as it is configured (skipped where it is not installed)", () => {
  const test = it.skipIf(skipInflux);
  const point: FullBucket = {
    measurement: "gaps",
    at: minute(0),
    points: [{ tags: { agent: "a" }, fields: { told: 1, count: 1, lost: 2 } }],
  };
  const v2 = (about: { org?: string; token?: string; url?: string } = {}) =>
    new InfluxSeries(
      new Influx2(
        { kind: "influx2", url: about.url ?? forwarderUrl, org: about.org ?? ORG, bucket: "v2", tokenFile: "" },
        { token: about.token ?? TOKEN },
      ),
    );
  const v1 = (about: { url?: string; database?: string; keepDays?: number }) =>
    new InfluxSeries(new Influx1({ kind: "influx1", url: influx.url, database: "v1", ...about }));

  test("is told from one that does not answer, by what is to be done", async () => {
    const nowhere = `http://127.0.0.1:${await freePort()}`;
    await expect(v2({ token: "another" }).prepare()).rejects.toMatchObject({ code: "SERIES_REFUSED" });
    await expect(v2({ token: "another" }).replace([point])).rejects.toMatchObject({ code: "SERIES_REFUSED" });
    await expect(v2({ org: "another" }).prepare()).rejects.toMatchObject({ code: "SERIES_MISSING" });
    for (const away of [v1({ url: nowhere }), v2({ url: nowhere })]) {
      await expect(away.prepare()).rejects.toMatchObject({ code: "SERIES_AWAY", retryable: true });
      await expect(away.replace([point])).rejects.toMatchObject({ code: "SERIES_AWAY" });
    }
    await expect(v1({ database: "none" }).replace([point])).rejects.toMatchObject({
      code: expect.stringMatching(/^SERIES_/),
    });
  });

  test("says so when something else writes under our names", async () => {
    const series = v1({ database: "taken" });
    await series.prepare();
    const taken = await fetch(`${influx.url}/write?db=taken`, {
      method: "POST",
      body: `gaps,agent=a count="many" ${minute(0).getTime()}000000`,
    });
    expect(taken.status).toBe(204);
    await expect(series.replace([point])).rejects.toMatchObject({ code: "SERIES_REJECTED" });
  });

  test("does not keep what it is told not to keep, and that holds nothing up", async () => {
    const series = v1({ database: "short", keepDays: 1 });
    await series.prepare();
    const fresh = { ...point, at: new Date(Math.floor(Date.now() / 60_000) * 60_000) };
    await series.replace([point, fresh]);
    const found = await series.query({
      measurement: "gaps",
      from: minute(0),
      to: new Date(Date.now() + 60_000),
      step: 7 * 86_400,
    });
    expect(found).toMatchObject([{ points: [{ fields: { told: 1, count: 1, lost: 2 } }] }]);
  });

  test("is mapped once for InfluxQL on a 2.x, however often it is started", () => {
    expect(forwarder.mappings).toMatchObject([{ database: "v2", bucketID: "id-v2" }]);
  });
});

describe("the table of measurements", () => {
  it("has names that InfluxQL needs no quotes for, tags that are known, and a first field that counts", () => {
    for (const measurement of MEASUREMENTS) {
      const { tags, fields } = seriesSpec(measurement);
      for (const name of [measurement, ...tags, ...Object.keys(fields)]) expect(name).toMatch(/^[a-z][a-z0-9_]*$/);
      for (const tag of tags) expect(SERIES_TAGS).toHaveProperty(tag);
      expect(fields[presenceOf(measurement)]?.unit).toBe("1");
    }
  });
});
