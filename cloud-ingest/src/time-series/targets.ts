import { isoMs } from "@storeward/runtime";
import type { Database, Sql, Transaction } from "../database/index.js";
import { bucketOf } from "./dirty.js";
import { horizons } from "./horizons.js";

const FILL_MS = 6 * 3_600_000;
/** Nothing is dated further into the future than this. */
const AHEAD_MS = 120_000;

/**
 * Brings the list of places for time series to what is configured. From here on every change is marked for each of them; what is
 * new is also given what there is already, see `fill`. `now` in milliseconds since 1970.
 */
export async function syncTargets(db: Database, names: readonly string[], now: number): Promise<void> {
  const listed = await db.query<{ name: string }>("SELECT name FROM series_target");
  if (listed.length === names.length && listed.every(({ name }) => names.includes(name))) return;
  await db.transaction(
    async (tx) => {
      // Whoever marks has read the list: once we have the lock, all marks that were made without the new ones are committed.
      await tx.query("LOCK TABLE series_target IN ACCESS EXCLUSIVE MODE");
      await tx.query("DELETE FROM series_target WHERE NOT name = ANY ($1)", [names]);
      await tx.query("DELETE FROM series_dirty WHERE NOT target = ANY ($1)", [names]);
      await tx.query(
        "INSERT INTO series_target (name, filled_from) SELECT unnest($1::text[]), $2 ON CONFLICT DO NOTHING",
        [names, isoMs(bucketOf(now + AHEAD_MS).getTime())],
      );
    },
    { long: true },
  );
}

/**
 * Has all places given everything again: what they hold may be of another life of this database. For after a restore.
 */
export async function refillTargets(sql: Sql): Promise<void> {
  await sql.query("DELETE FROM series_target");
  await sql.query("DELETE FROM series_dirty");
}

/** Has all places written anew, from now (ms since 1970) on backwards, beside what changes meanwhile. */
export async function refillAll(tx: Transaction, now: number): Promise<void> {
  await tx.query("UPDATE series_target SET filled_from = $1", [isoMs(bucketOf(now + AHEAD_MS).getTime())]);
}

/** Holds the target until the transaction ends; undefined where another process does, or nobody wants it any more. */
export async function lockTarget(tx: Transaction, name: string): Promise<{ filledFrom: Date | null } | undefined> {
  const [row] = await tx.query<{ filledFrom: Date | null }>(
    'SELECT filled_from AS "filledFrom" FROM series_target WHERE name = $1 FOR NO KEY UPDATE SKIP LOCKED',
    [name],
  );
  return row;
}

/** Marks some more of what there was before the target was, as far as it is kept; false once there is no more. */
export async function fill(tx: Transaction, name: string, filledFrom: Date): Promise<boolean> {
  const since = await horizons(tx);
  const oldest = Math.min(...[...since.values()].map(Number));
  if (filledFrom.getTime() <= oldest) {
    await tx.query("UPDATE series_target SET filled_from = NULL WHERE name = $1", [name]);
    return false;
  }
  const from = new Date(Math.max(filledFrom.getTime() - FILL_MS, oldest));
  await tx.query(
    `INSERT INTO series_dirty (target, measurement, at)
     SELECT $1, m.name, minute FROM unnest($2::text[], $3::timestamptz[]) AS m(name, since),
       generate_series(greatest($4::timestamptz, m.since), $5::timestamptz - interval '1 minute', interval '1 minute') AS minute
     ORDER BY 2, 3 ON CONFLICT DO NOTHING`,
    [
      name,
      [...since.keys()],
      [...since.values()].map((at) => at.toISOString()),
      from.toISOString(),
      filledFrom.toISOString(),
    ],
  );
  await tx.query("UPDATE series_target SET filled_from = $2 WHERE name = $1", [name, from.toISOString()]);
  return true;
}

/** A place that is away for so long that its marks would fill the database is given everything from now on backwards instead. */
export async function boundMarks(db: Database, name: string, most: number, now: number): Promise<boolean> {
  return db.transaction(
    async (tx) => {
      if ((await lockTarget(tx, name)) === undefined) return false;
      const [{ waiting } = { waiting: 0 }] = await tx.query<{ waiting: number }>(
        "SELECT count(*) AS waiting FROM (SELECT FROM series_dirty WHERE target = $1 LIMIT $2) marks",
        [name, most + 1],
      );
      if (waiting <= most) return false;
      // First from when it is to be filled, then the marks: what is marked meanwhile is newer, or is filled.
      await tx.query("UPDATE series_target SET filled_from = $2 WHERE name = $1", [
        name,
        isoMs(bucketOf(now + AHEAD_MS).getTime()),
      ]);
      await tx.query("DELETE FROM series_dirty WHERE target = $1", [name]);
      return true;
    },
    { long: true },
  );
}

/** Buckets that wait, by place. */
export async function waitingByTarget(sql: Sql): Promise<Map<string, number>> {
  const rows = await sql.query<{ target: string; waiting: number }>(
    "SELECT target, count(*) AS waiting FROM series_dirty GROUP BY target",
  );
  return new Map(rows.map(({ target, waiting }) => [target, waiting]));
}
