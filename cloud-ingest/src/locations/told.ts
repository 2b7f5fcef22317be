import type { Sql } from "../database/index.js";
import type { StayChangeBody } from "./stay-change.js";

/** A word on a stay, and when it was said. */
export interface Word extends StayChangeBody {
  readonly recordedAt: Date;
}

/** Every word on these stays of an item, by stay, oldest first. */
export async function wordsOn(sql: Sql, item: string, stays: readonly string[]): Promise<Map<string, Word[]>> {
  const words = new Map<string, Word[]>();
  if (stays.length === 0) return words;
  const rows = await sql.query<{ body: StayChangeBody; recorded_at: Date }>(
    `SELECT body, recorded_at FROM stay_change WHERE body ->> 'item' = $1 AND body ->> 'stay' = ANY ($2)
     ORDER BY (body ->> 'revision')::int4, pos`,
    [item, stays],
  );
  for (const { body, recorded_at } of rows)
    words.set(body.stay, [...(words.get(body.stay) ?? []), { ...body, recordedAt: recorded_at }]);
  return words;
}

/** Stays of an item that were told, taken back and not told again, which began in `[from, to)`; ms since 1970. */
export async function retractedStays(sql: Sql, item: string, from: number, to: number): Promise<string[]> {
  const rows = await sql.query<{ stay: string }>(
    `SELECT stay FROM (
       SELECT DISTINCT ON (body ->> 'stay') body ->> 'stay' AS stay, body ->> 'op' AS op, (body ->> 'from')::float8 AS from
       FROM stay_change WHERE body ->> 'item' = $1 ORDER BY body ->> 'stay', (body ->> 'revision')::int4 DESC, pos DESC
     ) last WHERE op = 'retract' AND "from" >= $2 AND "from" < $3 ORDER BY "from" DESC LIMIT 100`,
    [item, from, to],
  );
  return rows.map(({ stay }) => stay);
}

/** What was believed at a moment, the latest stays first: the last word on each stay recorded by then. */
export async function believedAt(
  sql: Sql,
  item: string,
  { asOf, before, limit }: { readonly asOf: Date; readonly before: number; readonly limit: number },
): Promise<Word[]> {
  const rows = await sql.query<{ body: StayChangeBody; recorded_at: Date }>(
    `SELECT body, recorded_at FROM (
       SELECT DISTINCT ON (body ->> 'stay') body, recorded_at FROM stay_change
       WHERE body ->> 'item' = $1 AND recorded_at <= $2
       ORDER BY body ->> 'stay', (body ->> 'revision')::int4 DESC, pos DESC
     ) last
     WHERE body ->> 'op' <> 'retract' AND (body ->> 'from')::float8 < $3 ORDER BY (body ->> 'from')::float8 DESC LIMIT $4`,
    [item, asOf, before, limit],
  );
  return rows.map(({ body, recorded_at }) => ({ ...body, recordedAt: recorded_at }));
}
