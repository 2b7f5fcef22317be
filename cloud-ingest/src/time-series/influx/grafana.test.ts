import { BUCKET_MS, MEASUREMENTS, type Measurement, seriesSpec } from "@storeward/contracts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bucketOf } from "../dirty.js";
import type { FullBucket } from "../types.js";
import { askedNow, askInflux, grafanaQueries } from "./grafana-queries.js";
import { InfluxSeries } from "./influx-series.js";
import { Influx1 } from "./influx1.js";
import { skipInflux, TestInflux } from "./testing.js";

const DATABASE = "storeward";
const MINUTES = 10;

const queries = grafanaQueries();

describe.skipIf(skipInflux)("Grafana's queries, on a real InfluxDB 1.x (skipped where it is not installed)", () => {
  const influx = new TestInflux();
  const now = Date.now();

  beforeAll(async () => {
    await influx.start();
    const series = new InfluxSeries(
      new Influx1({ kind: "influx1", url: influx.url, database: DATABASE, keepDays: 365, shardHours: 24 }),
    );
    await series.prepare();
    await series.replace(MEASUREMENTS.flatMap((measurement) => bucketsOf(measurement, now)));
  }, 60_000);
  afterAll(() => influx.close());

  it.each(queries)("$kind $of", async ({ query }) => {
    const text = askedNow(query, now);
    expect(text).not.toContain("$_");
    expect((await askInflux(influx.url, DATABASE, text)).flat().length).toBeGreaterThan(0);
  });

  it("are there", () => {
    const count = (kind: string) => queries.filter((each) => each.kind === kind).length;
    expect([count("panel") > 25, count("variable") > 3, count("rule")]).toEqual([true, true, 6]);
  });
});

/** Some minutes of a measurement, up to the last that is over, with all of its tags and fields. */
function bucketsOf(measurement: Measurement, now: number): FullBucket[] {
  const { tags, fields } = seriesSpec(measurement);
  const point = {
    tags: Object.fromEntries(tags.map((tag) => [tag, `${tag}-1`])),
    fields: Object.fromEntries(Object.keys(fields).map((field) => [field, 1])),
  };
  const last = bucketOf(now - BUCKET_MS).getTime();
  return Array.from({ length: MINUTES }, (_, n) => ({
    measurement,
    at: new Date(last - n * BUCKET_MS),
    points: [point],
  }));
}
