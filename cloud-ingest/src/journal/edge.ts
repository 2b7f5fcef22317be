import type { Sql } from "../database/index.js";

/** A follower that has not passed the edge of a day in a partition of its log. */
export interface Behind {
  readonly follower: string;
  readonly partition: number;
  /** Where it stands, and where it would have to be. */
  readonly pos: number;
  readonly edge: number;
}

/**
 * Which of these followers have rows of before the day `edge` (`2026-03-01`, UTC; its first moment) still before them, and where. A follower that
 * never ran is behind.
 */
export async function behindEdge(
  sql: Sql,
  table: string,
  edge: string,
  followers: readonly string[],
): Promise<Behind[]> {
  return sql.query<Behind>(
    `SELECT f.name AS follower, e.partition, coalesce(c.pos, 0) AS pos, e.next - 1 AS edge
     FROM ${edgesOf(table)} e
     CROSS JOIN unnest($2::text[]) AS f(name)
     LEFT JOIN follower_cursor c ON c.follower = f.name AND c.partition = e.partition
     WHERE coalesce(c.pos, 0) < e.next - 1
     ORDER BY 1, 2`,
    [edge, followers],
  );
}

/** SQL of where a log has its first row that is kept, in each partition, and the first of the day `$1` or later; behind its last row where there is none. */
function edgesOf(table: string): string {
  return `(
    SELECT h.partition, coalesce(min(d.first_pos), h.pos + 1) AS first,
      coalesce(min(d.first_pos) FILTER (WHERE d.day >= $1), h.pos + 1) AS next
    FROM ${table}_head h LEFT JOIN ${table}_day d USING (partition) GROUP BY h.partition, h.pos
  )`;
}

/** Rows of one follower that were put aside and are still kept. */
export interface Aside {
  readonly follower: string;
  readonly rows: number;
}

/** Rows of before the day `edge` that these followers have put aside; `infinity`: all. Nobody can handle one whose day is gone. */
export async function asideBefore(
  sql: Sql,
  table: string,
  edge: string,
  followers: readonly string[],
): Promise<Aside[]> {
  return sql.query<Aside>(
    `SELECT p.follower, count(*) AS rows FROM parked_row p
     JOIN ${edgesOf(table)} e ON e.partition = p.partition AND p.pos >= e.first AND p.pos < e.next
     WHERE p.follower = ANY ($2) GROUP BY 1 ORDER BY 1`,
    [edge, followers],
  );
}
