import { type Measurement, seriesSpec } from "@storeward/contracts";
import { arrayOf, type Database } from "../database/index.js";
import { canonical } from "./tags.js";
import type { Fields, FullBucket, RangeQuery, Series, TimeSeries } from "./types.js";

/** Time series in the database itself. */
export class EmbeddedSeries implements TimeSeries {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  async prepare(): Promise<void> {}

  async replace(buckets: readonly FullBucket[]): Promise<void> {
    if (buckets.length === 0) return;
    const points = buckets.flatMap(({ measurement, at, points: of }) =>
      of.map((point) => ({ measurement, at, ...point })),
    );
    await this.#db.transaction(async (tx) => {
      await tx.query(
        `DELETE FROM series_point p USING unnest($1::text[], $2::timestamptz[]) AS n(measurement, at)
         WHERE p.measurement = n.measurement AND p.at = n.at`,
        [arrayOf("text", buckets, ({ measurement }) => measurement), arrayOf("timestamptz", buckets, ({ at }) => at)],
      );
      await tx.query(
        `INSERT INTO series_point (measurement, at, tags, fields)
         SELECT * FROM unnest($1::text[], $2::timestamptz[], $3::text[], $4::jsonb[])
         ON CONFLICT (measurement, at, tags) DO UPDATE SET fields = excluded.fields`,
        [
          arrayOf("text", points, ({ measurement }) => measurement),
          arrayOf("timestamptz", points, ({ at }) => at),
          arrayOf("text", points, ({ tags }) => canonical(tags)),
          arrayOf("jsonb", points, ({ fields }) => JSON.stringify(fields)),
        ],
      );
    });
  }

  async query({ measurement, from, to, step }: RangeQuery): Promise<Series[]> {
    const rows = await this.#db.query<{ tags: string; at: Date; fields: Fields }>(
      `SELECT tags, to_timestamp(floor(extract(epoch FROM at) / $4) * $4) AS at, ${together(measurement)} AS fields FROM series_point
       WHERE measurement = $1 AND at >= $2 AND at < $3 GROUP BY 1, 2 ORDER BY 1, 2`,
      [measurement, from.toISOString(), to.toISOString(), step],
    );
    const series = new Map<string, { at: Date; fields: Fields }[]>();
    for (const { tags, at, fields } of rows) {
      const points = series.get(tags);
      if (points === undefined) series.set(tags, [{ at, fields }]);
      else points.push({ at, fields });
    }
    return [...series].map(([tags, points]) => ({ tags: JSON.parse(tags) as Record<string, string>, points }));
  }
}

const AGGREGATE = { sum: "sum", max: "max", mean: "avg" } as const;

/** SQL that puts the fields of several minutes together. */
function together(measurement: Measurement): string {
  const fields = Object.entries(seriesSpec(measurement).fields).map(
    ([name, { over }]) => `'${name}', ${AGGREGATE[over]}((fields ->> '${name}')::float8)`,
  );
  return `jsonb_strip_nulls(jsonb_build_object(${fields.join(", ")}))`;
}
