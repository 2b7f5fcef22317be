import {
  BUCKET_MS,
  MEASUREMENTS,
  SERIES_TAGS,
  SeriesAnswer,
  SeriesQuery,
  SeriesSchema,
  seriesSpec,
  unitSymbol,
} from "@storeward/contracts";
import { type Clock, defineErrors, isoMs, systemClock } from "@storeward/runtime";
import type { Routes } from "../http/index.js";
import type { TimeSeries } from "./types.js";

const E = defineErrors({
  SERIES_RANGE: { template: "The range ends before it begins", status: 422 },
  SERIES_TOO_LONG: { template: "{points} points a series are too many: ask for at least {step} s a step", status: 422 },
});

const HOUR_MS = 3_600_000;
const POINTS = 500;
const MAX_POINTS = 2000;

export interface SeriesRoutesDeps {
  readonly series: TimeSeries;
  readonly clock?: Clock;
}

/** `GET /series`, `GET /series/schema` */
export const routes =
  ({ series, clock = systemClock }: SeriesRoutesDeps): Routes =>
  async (app) => {
    app.get(
      "/series",
      {
        schema: {
          summary: "A time series, for a chart",
          tags: ["series"],
          querystring: SeriesQuery,
          response: { 200: SeriesAnswer },
        },
      },
      async ({ query }) => {
        const to = query.to === undefined ? clock.wall() : Date.parse(query.to);
        const from = query.from === undefined ? to - HOUR_MS : Date.parse(query.from);
        if (!(from < to)) throw E.SERIES_RANGE();
        const atLeast = (points: number) => (Math.ceil((to - from) / points / BUCKET_MS) * BUCKET_MS) / 1000;
        const step = query.step ?? atLeast(POINTS);
        const points = Math.ceil((to - from) / 1000 / step);
        if (points > MAX_POINTS) throw E.SERIES_TOO_LONG({ points, step: atLeast(MAX_POINTS) });
        const range = { measurement: query.measurement, from: new Date(from), to: new Date(to), step };
        const found = await series.query(range);
        return {
          measurement: query.measurement,
          from: isoMs(from),
          to: isoMs(to),
          step,
          series: found.map((one) => ({
            tags: { ...one.tags },
            points: one.points.map(({ at, fields }) => ({ ...fields, at: at.toISOString() })),
          })),
        };
      },
    );
    app.get(
      "/series/schema",
      {
        schema: {
          summary: "What is measured: tags, fields, units",
          tags: ["series"],
          response: { 200: SeriesSchema },
        },
      },
      async () => SCHEMA,
    );
  };

const SCHEMA: SeriesSchema = {
  bucketSeconds: BUCKET_MS / 1000,
  tags: Object.entries(SERIES_TAGS).map(([name, help]) => ({ name, help })),
  measurements: MEASUREMENTS.map((name) => {
    const { help, minute, tags, fields } = seriesSpec(name);
    return {
      name,
      help,
      minute,
      tags: [...tags],
      fields: Object.entries(fields).map(([field, { unit, over, help: says }]) => ({
        name: field,
        unit,
        symbol: unitSymbol(unit),
        over,
        help: says,
      })),
    };
  }),
};
