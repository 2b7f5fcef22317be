import type { LiveEvent } from "@storeward/contracts";
import { type Clock, isoMs } from "@storeward/runtime";
import { arrayOf, type Sql, type Transaction } from "../database/index.js";

/** An event as it is sent. */
export interface Frame {
  readonly pos: number;
  readonly text: string;
}

/** How long events are kept, and how many: beyond that a listener that was away begins anew. */
export const KEEP_MS = 24 * 3_600_000;
export const KEEP_ROWS = 100_000;

export async function appendEvents(tx: Transaction, clock: Clock, events: readonly LiveEvent[]): Promise<void> {
  await tx.query(
    `WITH head AS (UPDATE live_head SET pos = pos + $4 RETURNING pos - $4 AS before)
     INSERT INTO live_event (pos, at, type, data)
     SELECT before + n, $1, type, data FROM head, unnest($2::text[], $3::text[]) WITH ORDINALITY AS e(type, data, n)`,
    [
      isoMs(clock.wall()),
      arrayOf("text", events, ({ type }) => type),
      arrayOf("text", events, ({ data }) => JSON.stringify(data)),
      events.length,
    ],
  );
}

export async function headOf(sql: Sql): Promise<number> {
  const [head] = await sql.query<{ pos: number }>("SELECT pos FROM live_head");
  return head?.pos ?? 0;
}

/** The first position that is still kept; the one after the head where there is none. */
export async function oldestOf(sql: Sql): Promise<number> {
  const [row] = await sql.query<{ pos: number }>(
    "SELECT coalesce((SELECT min(pos) FROM live_event), (SELECT pos + 1 FROM live_head)) AS pos",
  );
  return row?.pos ?? 1;
}

export async function framesAfter(sql: Sql, pos: number, limit: number): Promise<Frame[]> {
  const rows = await sql.query<{ pos: number; type: string; data: string }>(
    "SELECT pos, type, data FROM live_event WHERE pos > $1 ORDER BY pos LIMIT $2",
    [pos, limit],
  );
  // JSON text holds no line break, so one data line is enough.
  return rows.map((row) => ({ pos: row.pos, text: `id: ${row.pos}\nevent: ${row.type}\ndata: ${row.data}\n\n` }));
}

/** Removes what is too old or too much; returns how many. */
export async function prune(sql: Sql, clock: Clock): Promise<number> {
  const [row] = await sql.query<{ count: number }>(
    `WITH gone AS (
       DELETE FROM live_event WHERE at < $1 OR pos <= (SELECT pos FROM live_head) - $2 RETURNING 1
     ) SELECT count(*) AS count FROM gone`,
    [isoMs(clock.wall() - KEEP_MS), KEEP_ROWS],
  );
  return row?.count ?? 0;
}
