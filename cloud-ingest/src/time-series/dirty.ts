import { BUCKET_MS, type Measurement } from "@storeward/contracts";
import type { Sql, Transaction } from "../database/index.js";
import type { Bucket } from "./types.js";

/** The bucket that a moment belongs to. */
export function bucketOf(at: Date): Date {
  return new Date(Math.floor(at.getTime() / BUCKET_MS) * BUCKET_MS);
}

/** Marks the buckets of these moments as changed, in the transaction that changes them. */
export async function markDirty(tx: Transaction, measurement: Measurement, moments: readonly Date[]): Promise<void> {
  const buckets = [...new Set(moments.map((at) => bucketOf(at).getTime()))].sort((a, b) => a - b);
  if (buckets.length === 0) return;
  await tx.query(
    `INSERT INTO series_dirty (measurement, at) SELECT $1, unnest($2::timestamptz[])
     ON CONFLICT (measurement, at) DO UPDATE SET marks = series_dirty.marks + 1`,
    [measurement, buckets.map((ms) => new Date(ms).toISOString())],
  );
}

export interface DirtyBucket extends Bucket {
  readonly marks: number;
}

/** The newest first: what is looked at is current while a backlog is worked off. */
export async function dirtyBuckets(sql: Sql, limit: number): Promise<DirtyBucket[]> {
  return sql.query("SELECT measurement, at, marks FROM series_dirty ORDER BY at DESC LIMIT $1", [limit]);
}

/** Forgets the marks of buckets that were written, unless they were marked again meanwhile. */
export async function cleaned(sql: Sql, buckets: readonly DirtyBucket[]): Promise<void> {
  await sql.query(
    `DELETE FROM series_dirty d USING unnest($1::text[], $2::timestamptz[], $3::int8[]) AS n(measurement, at, marks)
     WHERE d.measurement = n.measurement AND d.at = n.at AND d.marks = n.marks`,
    [
      buckets.map(({ measurement }) => measurement),
      buckets.map(({ at }) => at.toISOString()),
      buckets.map(({ marks }) => marks),
    ],
  );
}
