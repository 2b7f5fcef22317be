import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { BUCKET_MS, MEASUREMENTS, type Measurement, seriesSpec } from "@storeward/contracts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bucketOf } from "../dirty.js";
import type { FullBucket } from "../types.js";
import { InfluxSeries } from "./influx-series.js";
import { Influx1 } from "./influx1.js";
import { skipInflux, TestInflux } from "./testing.js";

const GENERATED = join(import.meta.dirname, "../../../../dashboards/grafana/generated");
const DATABASE = "storeward";
const MINUTES = 10;

interface Target {
  readonly query: string;
}
interface Dashboard {
  readonly title: string;
  readonly panels: readonly { readonly title: string; readonly targets: readonly Target[] }[];
  readonly templating: {
    readonly list: readonly { readonly name: string; readonly type: string; readonly query: string }[];
  };
}

const dashboards = readdirSync(join(GENERATED, "dashboards")).map(
  (name) => JSON.parse(readFileSync(join(GENERATED, "dashboards", name), "utf8")) as Dashboard,
);
/** Queries of the rules, as Grafana reads them: a doubled dollar is one. */
const rules = readFileSync(join(GENERATED, "provisioning/alerting/rules.yaml"), "utf8").replaceAll("$$", "$");

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

  const panels = dashboards.flatMap(({ title, panels: list }) => list.map((panel) => ({ dashboard: title, ...panel })));
  it.each(panels)("$dashboard: $title", async ({ targets }) => {
    expect(targets.length).toBeGreaterThan(0);
    for (const { query } of targets) expect(await figures(query)).toBeGreaterThan(0);
  });

  const variables = dashboards.flatMap(({ title, templating }) =>
    templating.list.filter(({ type }) => type === "query").map((variable) => ({ dashboard: title, ...variable })),
  );
  it.each(variables)("$dashboard: the variable $name", async ({ query }) => {
    expect(await figures(query)).toBeGreaterThan(0);
  });

  const asked = [...rules.matchAll(/^ +- uid: (\S+)|^ +query: (SELECT .*)$/gm)];
  const alerts = asked.flatMap(([, uid], n) => (uid === undefined ? [] : [{ uid, query: asked[n + 1]?.[2] ?? "" }]));
  it.each(alerts)("rule $uid", async ({ query }) => {
    expect(await figures(query)).toBeGreaterThan(0);
  });

  it("are there", () => {
    expect([dashboards.length, alerts.length]).toEqual([5, 6]);
  });

  /** How many figures the answer to a query has. */
  async function figures(query: string): Promise<number> {
    const text = query
      .replaceAll("$timeFilter", `time >= ${now - 3_600_000}ms AND time <= ${now}ms`)
      .replaceAll("$__interval", "1m")
      .replaceAll(/\/\^\$\w+\$\//g, "/^.*$/");
    expect(text).not.toContain("$_");
    const answer = await fetch(`${influx.url}/query?db=${DATABASE}&q=${encodeURIComponent(text)}`, { method: "POST" });
    const { results, error } = (await answer.json()) as {
      results?: readonly { error?: string; series?: readonly { values: readonly (readonly unknown[])[] }[] }[];
      error?: string;
    };
    expect([error, results?.[0]?.error]).toEqual([undefined, undefined]);
    return (results?.[0]?.series ?? []).flatMap(({ values }) => values).filter(([, figure]) => figure != null).length;
  }
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
