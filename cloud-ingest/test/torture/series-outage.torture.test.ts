import { afterEach, beforeEach, expect, it } from "vitest";
import { skipInflux, TestInflux } from "../../src/time-series/influx/testing.js";
import { outageUnderLoad } from "../series-outage.js";

let influx: TestInflux;
beforeEach(async () => {
  influx = new TestInflux();
  if (!skipInflux) await influx.start();
});
afterEach(() => influx.close(), 60_000);

it.skipIf(skipInflux)("an InfluxDB that was away for a day lacks nothing once it is back", async () => {
  // A third of the time it is away.
  const points = await outageUnderLoad({ influx, progress: (rounds) => rounds / 40, outages: 1, hours: 75 });
  expect(points).toBeGreaterThan(10_000);
  process.stdout.write(`torture: time series: ${points} points equal after 25 h without InfluxDB\n`);
});

it.skipIf(skipInflux)(
  "an InfluxDB that was killed again and again under load holds the points of one that is filled anew",
  async () => {
    const minutes = Number(process.env.STOREWARD_TORTURE_OUTAGE_MIN ?? 10);
    const begun = performance.now();
    let count = 0;
    const progress = (rounds: number) => {
      count = rounds;
      return (performance.now() - begun) / (minutes * 60_000);
    };
    const outages = Math.ceil(2 * minutes);
    const points = await outageUnderLoad({ influx, progress, outages });
    expect(points).toBeGreaterThan(1000);
    process.stdout.write(
      `torture: time series: ${points} points equal after ${outages} kills of InfluxDB in ${count} rounds, ${minutes} minutes\n`,
    );
  },
);
