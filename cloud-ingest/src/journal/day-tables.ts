import type { Sql, Transaction } from "../database/index.js";
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

/** The table of a day that was taken out of its log. */
export function detachedName({ table, day }: Pick<DayTable, "table" | "day">): string {
  return `detached.${dayTable(table, day)}`;
}

/**
 * Takes a day out of a log: its rows are no longer read, and stay in a table of its own in the schema `detached`. Whoever calls has made sure
 * that nobody needs them. Gives up after 2 s when others use the table; the error is the database's.
 *
 * @returns the name of that table
 */
export async function detachDay(tx: Transaction, each: Pick<DayTable, "table" | "day">): Promise<string> {
  const { table, day } = each;
  await tx.query("SET LOCAL lock_timeout = '2s'");
  await endDay(tx, each);
  const name = dayTable(table, day);
  await tx.query("CREATE SCHEMA IF NOT EXISTS detached");
  await tx.query(`DELETE FROM ${table}_day WHERE day = $1`, [day]);
  await tx.query(`ALTER TABLE ${table} DETACH PARTITION ${name}`);
  await tx.query(`ALTER TABLE ${name} SET SCHEMA detached`);
  return detachedName(each);
}

/**
 * Makes an empty table like those of the days of a log, which nobody reads yet: {@link attachDay} makes it one of them. One that was left behind by
 * whoever was ended before that goes.
 *
 * @returns its name
 */
export async function makeLooseDay(sql: Sql, { table, day }: Pick<DayTable, "table" | "day">): Promise<string> {
  const name = dayTable(table, day);
  const isDay = (await sql.query("SELECT FROM pg_inherits WHERE inhrelid = to_regclass($1)", [name])).length > 0;
  if (!isDay) await sql.query(`DROP TABLE IF EXISTS ${name}`);
  await sql.query(`CREATE TABLE ${name} (LIKE ${table} INCLUDING ALL)`);
  return name;
}

/** Makes a loose table a day of its log again; `firsts` are the first positions by partition. Others go on reading and writing. */
export async function attachDay(
  tx: Transaction,
  { table, day }: Pick<DayTable, "table" | "day">,
  firsts: ReadonlyMap<number, number>,
): Promise<void> {
  await tx.query("SET LOCAL lock_timeout = '10s'");
  await tx.query(
    `ALTER TABLE ${table} ATTACH PARTITION ${dayTable(table, day)}
     FOR VALUES FROM ('${day} 00:00:00+00') TO ('${nextDay(day)} 00:00:00+00')`,
  );
  await tx.query(
    `INSERT INTO ${table}_day (partition, day, first_pos) SELECT n.p, $1, n.pos FROM unnest($2::int4[], $3::int8[]) AS n(p, pos)`,
    [day, [...firsts.keys()], [...firsts.values()]],
  );
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
 * Drops a day. Whoever calls has made sure that nobody needs it. Gives up after 2 s when others use the table; the error is the database's.
 */
export async function dropDay(tx: Transaction, each: DayTable): Promise<void> {
  const { table, day } = each;
  await tx.query("SET LOCAL lock_timeout = '2s'");
  await endDay(tx, each);
  await tx.query(`DELETE FROM ${table}_day WHERE day = $1`, [day]);
  await tx.query(`DROP TABLE IF EXISTS ${dayTable(table, day)}`);
}

/** From here on nothing is recorded on a day or before it: a process whose clock is behind, or goes back, would begin again what is gone. */
async function endDay(tx: Transaction, { table, day }: Pick<DayTable, "table" | "day">): Promise<void> {
  await tx.query(
    `WITH held AS (SELECT partition FROM ${table}_head WHERE recorded_at < $1 ORDER BY partition FOR UPDATE)
     UPDATE ${table}_head h SET recorded_at = $1 FROM held WHERE h.partition = held.partition`,
    [`${nextDay(day)}T00:00:00Z`],
  );
}
