import type { Sql } from "../database/index.js";
import { dayTable } from "../journal/index.js";
import { FOLLOWERS, whyNeeded } from "./needed.js";

export interface LogDay {
  readonly log: string;
  /** `2026-03-01`, UTC */
  readonly day: string;
  readonly rows: number;
  readonly bytes: number;
  /** Its verified export; null: none. */
  readonly exported: string | null;
  /** Why it cannot be detached, in words. */
  readonly needed: readonly string[];
}

/** The days of a log that have rows, oldest first. Positions have no gaps, so no row is read for it. */
export async function logDays(sql: Sql, log: string): Promise<LogDay[]> {
  const days = await sql.query<{ day: string; rows: number; exported: string | null }>(
    `SELECT d.day::text AS day, sum(coalesce(n.pos, h.pos + 1) - d.first_pos)::int8 AS rows, max(x.file) AS exported
     FROM ${log}_day d JOIN ${log}_head h USING (partition)
     LEFT JOIN LATERAL (
       SELECT min(first_pos) AS pos FROM ${log}_day WHERE partition = d.partition AND first_pos > d.first_pos
     ) n ON true
     LEFT JOIN log_export x ON x.log = $1 AND x.day = d.day
     GROUP BY d.day ORDER BY d.day`,
    [log],
  );
  const found: LogDay[] = [];
  for (const { day, rows, exported } of days) {
    const [size] = await sql.query<{ bytes: number }>("SELECT pg_total_relation_size($1::regclass) AS bytes", [
      dayTable(log, day),
    ]);
    const needed = await whyNeeded(sql, log, day, FOLLOWERS[log] ?? []);
    found.push({ log, day, rows, bytes: size?.bytes ?? 0, exported, needed });
  }
  return found;
}
