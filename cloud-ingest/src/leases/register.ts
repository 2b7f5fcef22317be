import { connectionName, type Database, type Sql } from "../database/index.js";
import { E } from "./errors.js";
import type { Held, Sharer } from "./sharing.js";

/** Who a process is to the others. */
export interface Self {
  /** Random, new with every start. */
  readonly id: string;
  /** Host and data folder: whoever was here before is gone, for the folder is locked. */
  readonly home: string;
  readonly software: string;
  /** It has a broker or a database of its own. */
  readonly alone: boolean;
}

export interface Known extends Sharer {
  readonly home: string;
  readonly software: string;
  readonly startedAt: Date;
}

/** Any constant: names this lock among the advisory locks of the database. */
const LOCK = 7_105_190_002;
/** A process that has ended is forgotten after this. */
const FORGOTTEN = "1 minute";

const LIVES = "p.until > clock_timestamp()";

/** Enters a process, in the place of an earlier life of its own. Errors: PROCESS_NOT_ALONE. */
export async function enter(db: Database, { id, home, software, alone }: Self, leaseMs: number): Promise<void> {
  await db.transaction(async (tx) => {
    await tx.query("SELECT pg_advisory_xact_lock($1)", [LOCK]);
    await tx.query("DELETE FROM cloud_process WHERE home = $1", [home]);
    await forgetEnded(tx, leaseMs);
    const others = await tx.query<{ home: string; alone: boolean }>(
      `SELECT p.home, p.alone FROM cloud_process p WHERE ${LIVES}`,
    );
    const loner = alone ? "this one" : others.find((other) => other.alone)?.home;
    if (others.length > 0 && loner !== undefined)
      throw E.PROCESS_NOT_ALONE({
        others: others.map((other) => other.home).join(", "),
        who: loner,
        seconds: Math.ceil(leaseMs / 1000),
      });
    await tx.query(
      `INSERT INTO cloud_process (id, home, software, alone, hears, started_at, until)
       VALUES ($1, $2, $3, $4, false, clock_timestamp(), clock_timestamp() + $5 * interval '1 ms')`,
      [id, home, software, alone, leaseMs],
    );
  });
}

/** Says that the process lives. One that was silent for long, or unheard of (after a restore), is entered again. */
export async function beat(sql: Sql, self: Self & { hears: boolean }, leaseMs: number): Promise<void> {
  await sql.query(
    `INSERT INTO cloud_process (id, home, software, alone, hears, started_at, until)
     VALUES ($1, $2, $3, $4, $5, clock_timestamp(), clock_timestamp() + $6 * interval '1 ms')
     ON CONFLICT (id) DO UPDATE SET hears = excluded.hears, until = excluded.until`,
    [self.id, self.home, self.software, self.alone, self.hears, leaseMs],
  );
}

/** Everyone who lives, the longest first, and all leases in the order of their partitions, as of one moment. */
export async function look(sql: Sql): Promise<{ living: Known[]; leases: Held[] }> {
  const living = await sql.query<Known>(
    `SELECT p.id, p.home, p.software, p.hears, p.started_at AS "startedAt" FROM cloud_process p WHERE ${LIVES} ORDER BY p.started_at, p.id`,
  );
  const leases = await sql.query<Held>("SELECT partition, holder FROM partition_lease ORDER BY partition");
  return { living, leases };
}

/**
 * Ends the connections of processes that live no longer and still hold partitions. One that was stopped in the middle of a transaction, or whose
 * machine is gone, keeps its locks otherwise, and whoever takes its partitions would wait for them. One that only seemed dead connects again.
 *
 * @returns how many
 */
export async function endConnectionsOfDead(sql: Sql): Promise<number> {
  const ended = await sql.query(
    `SELECT pg_terminate_backend(a.pid) FROM pg_stat_activity a
     JOIN (SELECT DISTINCT l.holder FROM partition_lease l
       WHERE l.holder IS NOT NULL AND NOT EXISTS (SELECT FROM cloud_process p WHERE p.id = l.holder AND ${LIVES})) dead
       ON a.application_name = $1 || dead.holder
     WHERE a.datname = current_database() AND a.usename = current_user`,
    [connectionName("")],
  );
  return ended.length;
}

/** Takes so many of the partitions that are free, or as many as there are; tells which. Several that take at once get different ones. */
export async function take(sql: Sql, id: string, count: number): Promise<number[]> {
  const taken = await sql.query<{ partition: number }>(
    `WITH free AS (
       SELECT l.partition FROM partition_lease l
       WHERE NOT EXISTS (SELECT FROM cloud_process p WHERE p.id = l.holder AND ${LIVES})
       ORDER BY l.partition LIMIT $2 FOR UPDATE SKIP LOCKED
     )
     UPDATE partition_lease l SET holder = $1, since = clock_timestamp() FROM free WHERE l.partition = free.partition
     RETURNING l.partition`,
    [id, count],
  );
  return taken.map(({ partition }) => partition);
}

export async function give(sql: Sql, id: string, partitions: readonly number[]): Promise<void> {
  await sql.query("UPDATE partition_lease SET holder = NULL WHERE holder = $1 AND partition = ANY ($2)", [
    id,
    partitions,
  ]);
}

/** Ends a process: what it held is free. It is not dead: nobody ends the connections by which it finishes what it has in hand. */
export async function leave(sql: Sql, id: string): Promise<void> {
  await sql.query(
    `WITH freed AS (UPDATE partition_lease SET holder = NULL WHERE holder = $1)
     DELETE FROM cloud_process WHERE id = $1`,
    [id],
  );
}

/**
 * Forgets processes that have ended long ago, and those that seem to live for longer than any lease: they have said nothing since the database's clock
 * went back, and would be taken to live until it has come there again. One that does live says so within a second, and is entered again.
 */
export async function forgetEnded(sql: Sql, leaseMs: number): Promise<void> {
  await sql.query(
    `DELETE FROM cloud_process WHERE until < clock_timestamp() - $1::interval
       OR until > clock_timestamp() + $2 * interval '1 ms' + $1::interval`,
    [FORGOTTEN, leaseMs],
  );
}
