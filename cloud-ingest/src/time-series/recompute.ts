import { BUCKET_MS, type Measurement } from "@storeward/contracts";
import type { Sql } from "../database/index.js";
import type { Bucket, Point } from "./types.js";

/** Each counts a minute from its table, by tags. */
const COUNTS: Readonly<Record<Measurement, string>> = {
  observations: `SELECT b.at, jsonb_build_object('agent', j.agent, 'type', j.type) AS tags, count(*)::float8 AS count
    FROM unnest($1::timestamptz[]) AS b(at)
    JOIN LATERAL (SELECT agent, type FROM journal WHERE recorded_at >= b.at AND recorded_at < b.at + $2 * interval '1 ms') j ON true
    GROUP BY b.at, j.agent, j.type`,
  passages: `SELECT b.at, jsonb_build_object('readPoint', p.read_point, 'direction', p.direction) AS tags, count(*)::float8 AS count
    FROM unnest($1::timestamptz[]) AS b(at)
    JOIN series_passage p ON p.at >= b.at AND p.at < b.at + $2 * interval '1 ms'
    GROUP BY b.at, p.read_point, p.direction`,
  arrivals: `SELECT b.at, jsonb_build_object('place', a.place, 'kind', a.kind) AS tags, count(*)::float8 AS count
    FROM unnest($1::timestamptz[]) AS b(at)
    JOIN series_arrival a ON a.at >= b.at AND a.at < b.at + $2 * interval '1 ms'
    GROUP BY b.at, a.place, a.kind`,
};

/** The whole content of each bucket, from the tables. */
export async function recompute(sql: Sql, buckets: readonly Bucket[]): Promise<(Bucket & { points: Point[] })[]> {
  const found = new Map<string, Bucket & { points: Point[] }>();
  const key = (measurement: Measurement, at: Date) => `${measurement} ${at.getTime()}`;
  const moments = new Map<Measurement, Date[]>();
  for (const { measurement, at } of buckets) {
    found.set(key(measurement, at), { measurement, at, points: [] });
    moments.set(measurement, [...(moments.get(measurement) ?? []), at]);
  }
  for (const [measurement, minutes] of moments) {
    const rows = await sql.query<{ at: Date; tags: Record<string, string>; count: number }>(COUNTS[measurement], [
      minutes.map((at) => at.toISOString()),
      BUCKET_MS,
    ]);
    for (const { at, tags, count } of rows) found.get(key(measurement, at))?.points.push({ tags, count });
  }
  return [...found.values()];
}
