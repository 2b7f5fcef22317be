import { BUCKET_MS, type Measurement } from "@storeward/contracts";
import { arrayOf, type Sql, type Transaction } from "../database/index.js";
import type { Bucket } from "./types.js";

/** The bucket that a moment belongs to. */
export function bucketOf(at: Date | number): Date {
  return new Date(bucketMs(typeof at === "number" ? at : at.getTime()));
}

/** The buckets of these moments, each once; milliseconds since 1970. */
function bucketsOf(dates: readonly Date[]): number[] {
  return [...new Set(dates.map((date) => bucketMs(date.getTime())))];
}

function bucketMs(ms: number): number {
  return Math.floor(ms / BUCKET_MS) * BUCKET_MS;
}

/** Moments whose buckets have changed, by measurement. */
export type Moments = Partial<Record<Measurement, readonly Date[]>>;

/**
 * Marks the buckets of these moments as changed, for every place that keeps time series, in the transaction that changes them. Always in
 * the same order, so that no two wait for each other.
 */
export async function markDirty(tx: Transaction, moments: Moments): Promise<void> {
  const all = Object.entries(moments).flatMap(([measurement, dates]) =>
    bucketsOf(dates).map((at) => ({ measurement, at })),
  );
  if (all.length === 0) return;
  await tx.query(
    `INSERT INTO series_dirty (target, measurement, at)
     SELECT t.name, b.measurement, b.at FROM series_target t CROSS JOIN unnest($1::text[], $2::timestamptz[]) AS b(measurement, at)
     ORDER BY b.measurement, b.at, t.name
     ON CONFLICT (target, measurement, at) DO UPDATE SET mark = excluded.mark`,
    [arrayOf("text", all, ({ measurement }) => measurement), arrayOf("timestamptz", all, ({ at }) => at)],
  );
}

/** From one moment to another; `to` null: to the end. */
export interface Span {
  readonly from: Date;
  readonly to: Date | null;
}

/** Marks minutes of levels, from the first of a span to the last that has been sampled. */
export async function markLevels(tx: Transaction, spans: readonly Span[]): Promise<void> {
  if (spans.length === 0) return;
  const apart = bucketsApart(spans);
  await tx.query(
    `INSERT INTO series_dirty (target, measurement, at)
     SELECT t.name, m.name, minute
     FROM series_sampled s CROSS JOIN series_target t CROSS JOIN unnest(ARRAY['occupancy', 'utilisation']) AS m(name)
     CROSS JOIN unnest($1::timestamptz[], $2::timestamptz[]) AS r(from_at, to_at)
     CROSS JOIN generate_series(r.from_at, least(coalesce(r.to_at, s.at), s.at), interval '1 minute') AS minute
     ORDER BY 2, 3, 1
     ON CONFLICT (target, measurement, at) DO UPDATE SET mark = excluded.mark`,
    [
      arrayOf("timestamptz", apart, ({ from }) => from),
      arrayOf("timestamptz", apart, ({ to }) => (to === Number.POSITIVE_INFINITY ? null : to)),
    ],
  );
}

/**
 * The buckets of these spans, first and last, ms: each bucket is in one of them and once. A thousand stays of an hour are an hour, and not a thousand times sixty
 * minutes.
 */
export function bucketsApart(spans: readonly Span[]): { from: number; to: number }[] {
  const apart: { from: number; to: number }[] = [];
  const sorted = spans
    .map(({ from, to }) => ({
      from: bucketMs(from.getTime()),
      to: to === null ? Number.POSITIVE_INFINITY : bucketMs(to.getTime()),
    }))
    .sort((a, b) => a.from - b.from);
  for (const span of sorted) {
    const last = apart.at(-1);
    if (last === undefined || span.from > last.to + BUCKET_MS) apart.push(span);
    else last.to = Math.max(last.to, span.to);
  }
  return apart;
}

export interface DirtyBucket extends Bucket {
  /** A later mark is another one. */
  readonly mark: number;
}

/** The newest first: what is looked at is current while a backlog is worked off. */
export async function dirtyBuckets(sql: Sql, target: string, limit: number): Promise<Bucket[]> {
  return sql.query(
    "SELECT measurement, at FROM series_dirty WHERE target = $1 ORDER BY at DESC, measurement LIMIT $2",
    [target, limit],
  );
}

/** Which of these buckets are marked, and how. */
export async function stillDirty(sql: Sql, target: string, buckets: readonly Bucket[]): Promise<DirtyBucket[]> {
  return sql.query(
    `SELECT measurement, at, mark FROM series_dirty JOIN unnest($2::text[], $3::timestamptz[]) AS n(measurement, at) USING (measurement, at)
     WHERE target = $1`,
    [
      target,
      arrayOf("text", buckets, ({ measurement }) => measurement),
      arrayOf("timestamptz", buckets, ({ at }) => at),
    ],
  );
}

/** Forgets the marks of buckets that were written, unless they were marked again meanwhile. */
export async function cleaned(sql: Sql, target: string, buckets: readonly DirtyBucket[]): Promise<void> {
  await sql.query(
    `DELETE FROM series_dirty d USING unnest($2::text[], $3::timestamptz[], $4::int8[]) AS n(measurement, at, mark)
     WHERE d.target = $1 AND d.measurement = n.measurement AND d.at = n.at AND d.mark = n.mark`,
    [
      target,
      arrayOf("text", buckets, ({ measurement }) => measurement),
      arrayOf("timestamptz", buckets, ({ at }) => at),
      arrayOf("int8", buckets, ({ mark }) => mark),
    ],
  );
}
