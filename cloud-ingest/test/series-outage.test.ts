import { afterAll, expect, it } from "vitest";
import { skipInflux, TestInflux } from "../src/time-series/influx/testing.js";
import { outageUnderLoad } from "./series-outage.js";

const influx = new TestInflux();
afterAll(() => influx.close(), 60_000);

it.skipIf(skipInflux)(
  "an InfluxDB that was killed under load holds the points, one by one, of one that is filled anew (skipped where it is not installed)",
  async () => {
    await influx.start();
    expect(await outageUnderLoad({ influx, progress: (rounds) => rounds / 20, outages: 1 })).toBeGreaterThan(1000);
  },
  180_000,
);
