import type { Database } from "../database/index.js";
import type { Bucket, Point, RangeQuery, Series, TimeSeries } from "./types.js";

/** Time series in the database itself. */
export class EmbeddedSeries implements TimeSeries {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  async replace(buckets: readonly (Bucket & { readonly points: readonly Point[] })[]): Promise<void> {
    if (buckets.length === 0) return;
    const points = buckets.flatMap(({ measurement, at, points: of }) =>
      of.map((point) => ({ measurement, at, ...point })),
    );
    await this.#db.transaction(async (tx) => {
      await tx.query(
        `DELETE FROM series_point p USING unnest($1::text[], $2::timestamptz[]) AS n(measurement, at)
         WHERE p.measurement = n.measurement AND p.at = n.at`,
        [buckets.map(({ measurement }) => measurement), buckets.map(({ at }) => at.toISOString())],
      );
      await tx.query(
        `INSERT INTO series_point (measurement, at, tags, count)
         SELECT * FROM unnest($1::text[], $2::timestamptz[], $3::text[], $4::float8[])
         ON CONFLICT (measurement, at, tags) DO UPDATE SET count = excluded.count`,
        [
          points.map(({ measurement }) => measurement),
          points.map(({ at }) => at.toISOString()),
          points.map(({ tags }) => canonical(tags)),
          points.map(({ count }) => count),
        ],
      );
    });
  }

  async query({ measurement, from, to, step }: RangeQuery): Promise<Series[]> {
    const rows = await this.#db.query<{ tags: string; at: Date; count: number }>(
      `SELECT tags, to_timestamp(floor(extract(epoch FROM at) / $4) * $4) AS at, sum(count) AS count FROM series_point
       WHERE measurement = $1 AND at >= $2 AND at < $3 GROUP BY 1, 2 ORDER BY 1, 2`,
      [measurement, from.toISOString(), to.toISOString(), step],
    );
    const series = new Map<string, { at: Date; count: number }[]>();
    for (const { tags, at, count } of rows) {
      const points = series.get(tags);
      if (points === undefined) series.set(tags, [{ at, count }]);
      else points.push({ at, count });
    }
    return [...series].map(([tags, points]) => ({ tags: JSON.parse(tags) as Record<string, string>, points }));
  }
}

/** The same tags are the same text, whatever order they come in. */
function canonical(tags: Readonly<Record<string, string>>): string {
  return JSON.stringify(Object.fromEntries(Object.entries(tags).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))));
}
