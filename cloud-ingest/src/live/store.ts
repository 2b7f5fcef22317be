import { type Clock, isoMs } from "@storeward/runtime";
import { arrayOf, type Sql, type Transaction } from "../database/index.js";
import type { ItemNames, ToldEvent } from "./types.js";

/** An event as it is sent; empty where it is about an item that is no more. */
export interface Frame {
  readonly pos: number;
  readonly text: string;
}

interface Stored {
  readonly pos: number;
  readonly type: ToldEvent["type"];
  readonly data: string;
}

/** How long events are kept, and how many: beyond that a listener that was away begins anew. */
export const KEEP_MS = 24 * 3_600_000;
export const KEEP_ROWS = 100_000;

/** Each takes the place behind the last one, of whichever process: who has the head keeps all others waiting, and so it is taken last. */
export function appendEvents(tx: Transaction, clock: Clock, events: readonly ToldEvent[]): void {
  tx.withCommit(
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

export async function framesAfter(sql: Sql, names: ItemNames, pos: number, limit: number): Promise<Frame[]> {
  const rows = await sql.query<Stored>("SELECT pos, type, data FROM live_event WHERE pos > $1 ORDER BY pos LIMIT $2", [
    pos,
    limit,
  ]);
  const data = await named(sql, names, rows);
  // JSON text holds no line break, so one data line is enough.
  return rows.map(({ pos, type }, index) => {
    const text = data[index];
    return { pos, text: text === undefined ? "" : `id: ${pos}\nevent: ${type}\ndata: ${text}\n\n` };
  });
}

/** The data of each event, with what the items are called now. */
async function named(sql: Sql, names: ItemNames, rows: readonly Stored[]): Promise<(string | undefined)[]> {
  const told = rows.map(({ type, data }) => ({ type, data: JSON.parse(data) }) as ToldEvent);
  const items = told.flatMap((event) => (event.type === "location" ? [event.data.item.id] : []));
  if (items.length === 0) return rows.map(({ data }) => data);
  const cards = await names.cards(sql, [...new Set(items)]);
  return told.map((event) => {
    if (event.type !== "location") return JSON.stringify(event.data);
    const { item, ...data } = event.data;
    const card = cards.get(item.id);
    return card && JSON.stringify({ item: { ...item, ...card }, ...data });
  });
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
