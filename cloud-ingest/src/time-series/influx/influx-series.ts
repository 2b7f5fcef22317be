import { BUCKET_MS, type Measurement, seriesSpec } from "@storeward/contracts";
import { canonical } from "../tags.js";
import type { FullBucket, Point, RangeQuery, Series, TimeSeries } from "../types.js";
import { presenceQuery, rangeQuery, type StatementSeries, seriesOf } from "./influxql.js";

/** A point with its place in time, as it is written. */
export interface InfluxPoint extends Point {
  readonly measurement: Measurement;
  readonly at: Date;
}

/** How one generation of InfluxDB is spoken to. What goes wrong is an error of the catalogue. */
export interface InfluxConnection {
  /** Makes the database, and what it needs to be asked in InfluxQL, where they are missing. */
  prepare(): Promise<void>;
  write(points: readonly InfluxPoint[]): Promise<void>;
  /** InfluxQL statements; the series of each, in their order. */
  ask(statements: readonly string[]): Promise<StatementSeries[]>;
}

/** In one request: about half a megabyte. */
const POINTS_AT_ONCE = 5000;
const MAX_STATEMENTS = 50;

/**
 * Time series in an InfluxDB. A point there can be written over, and on 3.x not deleted: what a bucket holds no more is written over with
 * zeros, and the first field, which is 1 or more in every point that is one, tells.
 */
export class InfluxSeries implements TimeSeries {
  readonly #connection: InfluxConnection;

  constructor(connection: InfluxConnection) {
    this.#connection = connection;
  }

  prepare(): Promise<void> {
    return this.#connection.prepare();
  }

  async replace(buckets: readonly FullBucket[]): Promise<void> {
    const points = buckets.flatMap(({ measurement, at, points: of }) =>
      of.map(({ tags, fields }): InfluxPoint => ({ measurement, at, tags, fields: whole(measurement, fields) })),
    );
    points.push(...(await this.#gone(buckets)));
    for (let first = 0; first < points.length; first += POINTS_AT_ONCE)
      await this.#connection.write(points.slice(first, first + POINTS_AT_ONCE));
  }

  async query(range: RangeQuery): Promise<Series[]> {
    const [answer = []] = await this.#connection.ask([rangeQuery(range)]);
    const keyed = seriesOf(answer, range.measurement).map((series) => ({ key: canonical(series.tags), series }));
    return keyed.sort((a, b) => (a.key < b.key ? -1 : 1)).map(({ series }) => series);
  }

  /** Points that these buckets hold and shall no more, as what takes their place. */
  async #gone(buckets: readonly FullBucket[]): Promise<InfluxPoint[]> {
    const wanted = new Map(
      buckets.map(({ measurement, at, points }) => [
        bucketKey(measurement, at),
        new Set(points.map(({ tags }) => canonical(tags))),
      ]),
    );
    const runs = runsOf(buckets);
    const gone: InfluxPoint[] = [];
    for (let first = 0; first < runs.length; first += MAX_STATEMENTS) {
      const some = runs.slice(first, first + MAX_STATEMENTS);
      const answers = await this.#connection.ask(
        some.map(({ measurement, from, to }) => presenceQuery(measurement, from, to)),
      );
      for (const [index, { measurement }] of some.entries())
        for (const { tags, points } of seriesOf(answers[index] ?? [], measurement))
          for (const { at } of points)
            if (wanted.get(bucketKey(measurement, at))?.has(canonical(tags)) === false)
              gone.push({ measurement, at, tags, fields: zeros(measurement) });
    }
    return gone;
  }
}

const bucketKey = (measurement: Measurement, at: Date) => `${measurement} ${at.getTime()}`;

function zeros(measurement: Measurement): Record<string, number> {
  return Object.fromEntries(Object.keys(seriesSpec(measurement).fields).map((name) => [name, 0]));
}

/** Only the fields that the measurement has: a line with others would make them there. */
function whole(measurement: Measurement, fields: Point["fields"]): Record<string, number> {
  const names = Object.keys(seriesSpec(measurement).fields);
  return Object.fromEntries(names.flatMap((name) => (fields[name] === undefined ? [] : [[name, fields[name]]])));
}

/** Minutes of a measurement that follow each other, as one range. */
function runsOf(buckets: readonly FullBucket[]): { measurement: Measurement; from: Date; to: Date }[] {
  const runs: { measurement: Measurement; from: Date; to: Date }[] = [];
  const sorted = [...buckets].sort((a, b) =>
    a.measurement === b.measurement ? a.at.getTime() - b.at.getTime() : a.measurement < b.measurement ? -1 : 1,
  );
  for (const { measurement, at } of sorted) {
    const last = runs.at(-1);
    const to = new Date(at.getTime() + BUCKET_MS);
    if (last?.measurement === measurement && last.to.getTime() === at.getTime()) last.to = to;
    else if (last?.measurement !== measurement || last.to < to) runs.push({ measurement, from: at, to });
  }
  return runs;
}
