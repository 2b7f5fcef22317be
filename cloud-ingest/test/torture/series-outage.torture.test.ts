import { afterAll, expect, it } from "vitest";
import { skipInflux, TestInflux } from "../../src/time-series/influx/testing.js";
import { outageUnderLoad } from "../series-outage.js";

const influx = new TestInflux();
afterAll(() => influx.close(), 60_000);

it.skipIf(skipInflux)(
  "an InfluxDB that was killed again and again under load holds the points of one that is filled anew",
  async () => {
    await influx.start();
    const rounds = Number(process.env.STOREWARD_TORTURE_ROUNDS ?? 600);
    const outages = Math.ceil(rounds / 60);
    const points = await outageUnderLoad({ influx, rounds, outages });
    expect(points).toBeGreaterThan(1000);
    process.stdout.write(
      `torture: time series: ${points} points equal after ${outages} kills of InfluxDB in ${rounds} rounds\n`,
    );
  },
);
