import type { Database, Sql } from "../database/index.js";
import { dayOf, daySql, dayTable, nextDay } from "./days.js";

/** One day of a table that is partitioned by day. */
export interface DayTable {
  readonly table: string;
  /** `2026-03-01`, UTC */
  readonly day: string;
  /** Milliseconds since 1970; `to` is not in it. */
  readonly from: number;
  readonly to: number;
}

/** The days there are, oldest first. */
export async function daysOf(sql: Sql, table: string): Promise<DayTable[]> {
  const rows = await sql.query<{ name: string }>(
    `SELECT c.relname AS name FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
     WHERE i.inhparent = $1::regclass ORDER BY 1`,
    [table],
  );
  return rows.flatMap(({ name }) => {
    const digits = /_(\d{4})(\d\d)(\d\d)$/.exec(name);
    if (digits === null) return [];
    const day = digits.slice(1).join("-");
    return [{ table, day, from: Date.parse(`${day}T00:00:00Z`), to: Date.parse(`${nextDay(day)}T00:00:00Z`) }];
  });
}

/** Makes the tables of today and some days to come where they are missing, so that no writer has to. */
export async function makeDaysAhead(sql: Sql, table: string, now: Date, days: number): Promise<void> {
  const there = new Set((await daysOf(sql, table)).map(({ day }) => day));
  for (let ahead = 0; ahead <= days; ahead++) {
    const day = nextDay(dayOf(now), ahead);
    if (!there.has(day)) await sql.query(daySql(table, day));
  }
}

/**
 * Drops a day of a log once every one of these followers has passed its last row; false when one has not. A table that is no log (`followers`
 * undefined) is dropped at once. Gives up after 2 s when others use the table; the error is the database's.
 */
export async function dropDay(
  db: Database,
  { table, day }: DayTable,
  followers: readonly string[] | undefined,
): Promise<boolean> {
  return db.transaction(async (tx) => {
    await tx.query("SET LOCAL lock_timeout = '2s'");
    if (followers !== undefined) {
      const behind = await tx.query(BEHIND(table), [day, followers]);
      if (behind.length > 0) return false;
      await tx.query(`DELETE FROM ${table}_day WHERE day = $1`, [day]);
    }
    await tx.query(`DROP TABLE IF EXISTS ${dayTable(table, day)}`);
    return true;
  });
}

/** Partitions of the log whose last row of the day a follower has still before it. A follower that never ran is behind. */
const BEHIND = (table: string): string => `
  SELECT d.partition FROM ${table}_day d
  CROSS JOIN unnest($2::text[]) AS f(name)
  LEFT JOIN follower_cursor c ON c.follower = f.name AND c.partition = d.partition
  WHERE d.day = $1 AND coalesce(c.pos, 0) < coalesce(
    (SELECT min(n.first_pos) - 1 FROM ${table}_day n WHERE n.partition = d.partition AND n.first_pos > d.first_pos),
    (SELECT max(pos) FROM ${table} t WHERE t.partition = d.partition AND t.recorded_at < $1::date + 1)
  )
  LIMIT 1`;
