import type { Database, Sql, Transaction } from "../database/index.js";
import { asideBefore, behindEdge, CLOUD_AGENT } from "../journal/index.js";
import { FROM_LOGS, STATE_FOLLOWERS, STATE_TABLES } from "./state-tables.js";

/** Any constant: it names this lock among the advisory locks of the database. */
const LOCK = 7_105_190_180;
/** A checkpoint holds the sightings of so long, so that what comes late over its edge, from a device that was cut off, is put in its place. */
const LATE = "2 days";
/** How many are kept; each is about as large as the table of items and two days of sightings. */
const KEPT = 4;
/** What the state followers read, by log: also what lies between two of them. */
const LOGS: readonly (readonly [string, readonly string[]])[] = [
  ...Object.entries(FROM_LOGS),
  ["evidence", ["locations"]],
];

export interface Checkpoint {
  /** The day that begins at the edge, `2026-03-01`. */
  readonly edge: string;
  readonly horizon: Date;
}

/**
 * Writes the checkpoint of the edge before the day `edge`, if there is none and every state follower has passed it and put nothing aside: a
 * rebuild that began there would never handle those rows. The tables and the cursors are of
 * one moment, for a follower moves its cursor in the transaction of its work; so no follower need stop, and the moment need not be the edge itself.
 *
 * @returns whether it was written
 */
export async function writeCheckpoint(db: Database, edge: string): Promise<boolean> {
  return db.transaction(
    async (tx) => {
      const [free] = await tx.query<{ free: boolean }>("SELECT pg_try_advisory_xact_lock($1) AS free", [LOCK]);
      if (free?.free !== true) return false;
      if (await hasWhole(tx, "edge = $1", edge)) return false;
      if ((await tx.query("SELECT FROM journal_day WHERE day < $1 LIMIT 1", [edge])).length === 0) return false;
      for (const [log, followers] of Object.entries(FROM_LOGS))
        if ((await behindEdge(tx, log, edge, followers)).length > 0) return false;
      for (const [log, followers] of LOGS)
        if ((await asideBefore(tx, log, "infinity", followers)).length > 0) return false;
      await tx.query("DELETE FROM state_checkpoint WHERE edge = $1", [edge]);
      await write(tx, edge);
      await thin(tx);
      return true;
    },
    { isolation: "repeatable read", long: true },
  );
}

async function write(tx: Transaction, edge: string): Promise<void> {
  await tx.query(
    `INSERT INTO state_checkpoint (edge, taken_at, horizon)
     SELECT $1::date, now(), greatest($1::date::timestamp AT TIME ZONE 'UTC' - interval '${LATE}', at) FROM location_horizon`,
    [edge],
  );
  await tx.query(
    `INSERT INTO state_checkpoint_cursor (edge, follower, partition, pos)
     SELECT $1::date, follower, partition, pos FROM follower_cursor WHERE follower = ANY ($2)`,
    [edge, STATE_FOLLOWERS],
  );
  for (const { name, within = "true" } of STATE_TABLES)
    await tx.query(
      `INSERT INTO state_checkpoint_row (edge, of, row)
       SELECT c.edge, '${name}', to_jsonb(t) FROM state_checkpoint c JOIN ${name} t ON ${within.replaceAll("$1", "c.horizon")}
       WHERE c.edge = $1`,
      [edge],
    );
  // On its way from one follower to the other.
  await tx.query(
    `INSERT INTO state_checkpoint_row (edge, of, row)
     SELECT $1::date, 'evidence', to_jsonb(e) FROM follower_cursor c JOIN evidence e ON e.partition = c.partition AND e.pos > c.pos
     WHERE c.follower = 'locations'`,
    [edge],
  );
}

/** Removes those that are no longer needed: a rebuild can begin from no more than the journal still follows. */
async function thin(tx: Transaction): Promise<void> {
  const usable = await usableCheckpoints(tx);
  const edges = thinned(
    usable.map(({ edge }) => edge),
    KEPT,
  );
  await tx.query("DELETE FROM state_checkpoint WHERE edge <> ALL ($1::date[])", [edges]);
}

/**
 * Which checkpoints to keep: the oldest, the two latest, and of those between them such that the gaps stay even; in their order.
 *
 * @param edges days, ascending
 */
export function thinned(edges: readonly string[], keep: number): string[] {
  const kept = [...edges];
  while (kept.length > Math.max(3, keep)) {
    const span = (i: number) => Date.parse(kept[i + 1] ?? "") - Date.parse(kept[i - 1] ?? "");
    let least = 1;
    for (let i = 2; i < kept.length - 2; i++) if (span(i) < span(least)) least = i;
    kept.splice(least, 1);
  }
  return kept;
}

/** Those of earlier releases lack what has become state since: nothing can begin with them. */
const WHOLE = `NOT EXISTS (SELECT FROM unnest($1::text[]) AS f(name)
  WHERE NOT EXISTS (SELECT FROM state_checkpoint_cursor s WHERE s.edge = c.edge AND s.follower = f.name))`;

/**
 * Words behind a checkpoint that date rows anew which the journal no longer has: who begins there leaves them where they were. Each row is named by when it
 * was recorded.
 */
const REDATED_AND_GONE = `SELECT FROM redated r
  JOIN state_checkpoint_cursor s ON s.partition = r.partition AND s.pos < r.pos AND s.follower = ANY ($2)
  JOIN LATERAL (SELECT min(first_pos) AS pos FROM journal_day d WHERE d.partition = r.partition) f ON f.pos > 1
  JOIN journal j ON j.partition = r.partition AND j.pos = f.pos
  WHERE s.edge = c.edge AND r.recorded < j.recorded_at`;

/** Checkpoints after which the logs have every row, the oldest first. */
export async function usableCheckpoints(sql: Sql): Promise<Checkpoint[]> {
  const followed = Object.entries(FROM_LOGS).map(
    ([log, followers]) => `NOT EXISTS (
       SELECT FROM state_checkpoint_cursor s
       JOIN ${log}_head h USING (partition)
       LEFT JOIN LATERAL (SELECT min(first_pos) AS pos FROM ${log}_day d WHERE d.partition = s.partition) f ON true
       WHERE s.edge = c.edge AND s.follower IN (${followers.map((name) => `'${name}'`).join(", ")})
         AND h.pos > s.pos AND coalesce(f.pos, h.pos + 1) > s.pos + 1
     )`,
  );
  return sql.query<Checkpoint>(
    `WITH redated AS MATERIALIZED (
       SELECT partition, pos, (body -> 'recorded' ->> 0)::timestamptz AS recorded FROM journal WHERE agent = $3 AND type = 'redated'
     )
     SELECT c.edge::text AS edge, c.horizon FROM state_checkpoint c
     WHERE ${[WHOLE, ...followed, `NOT EXISTS (${REDATED_AND_GONE})`].join(" AND ")} ORDER BY c.edge`,
    [STATE_FOLLOWERS, FROM_LOGS.journal, CLOUD_AGENT],
  );
}

/** Whether there is a checkpoint at this edge or after it. */
export function hasCheckpointAfter(sql: Sql, edge: string): Promise<boolean> {
  return hasWhole(sql, "edge >= $1", edge);
}

async function hasWhole(sql: Sql, condition: "edge = $1" | "edge >= $1", edge: string): Promise<boolean> {
  const rows = await sql.query(
    `SELECT FROM state_checkpoint c WHERE ${WHOLE} AND c.${condition.replace("$1", "$2")} LIMIT 1`,
    [STATE_FOLLOWERS, edge],
  );
  return rows.length > 0;
}
