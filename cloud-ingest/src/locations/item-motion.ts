import { isoMs } from "@storeward/runtime";
import { arrayOf, type Sql, type Transaction } from "../database/index.js";
import { unpackState } from "./fold/packing.js";
import type { FoldState } from "./fold/state.js";
import type { KeptItem } from "./kept-items.js";

/* Until when items count as moving: in a table of its own for the same reason as `item_due`, and changed only while their item is locked. */

/** @param now wall clock, ms: a motion that is over by then is not kept for telling */
export async function keepMotions(tx: Transaction, kept: readonly KeptItem[], now: number): Promise<void> {
  const moving = kept.filter(({ kept: { state } }) => (state.movingUntil ?? 0) > now);
  if (moving.length === 0) return;
  await tx.query(
    `INSERT INTO item_motion (item, until) SELECT * FROM unnest($1::uuid[], $2::timestamptz[])
     ON CONFLICT (item) DO UPDATE SET until = excluded.until`,
    [
      arrayOf("uuid", moving, ({ item }) => item),
      arrayOf("timestamptz", moving, ({ kept: { state } }) => state.movingUntil),
    ],
  );
}

/** Items whose motion is over, first those for which it has been for longest. Others may have them in hand. */
export async function motionsOver(sql: Sql, now: number, limit: number): Promise<string[]> {
  const rows = await sql.query<{ item: string }>(
    "SELECT item FROM item_motion WHERE until <= $1 ORDER BY until LIMIT $2",
    [isoMs(now), limit],
  );
  return rows.map(({ item }) => item);
}

/** Forgets the motions of these items, which are locked, as far as they are over; with the states of those. */
export async function endMotions(
  tx: Transaction,
  items: readonly string[],
  now: number,
): Promise<{ item: string; state: FoldState }[]> {
  const ended = await tx.query<{ item: string; state: string | null }>(
    `DELETE FROM item_motion m USING item_location l
     WHERE m.item = ANY ($1::uuid[]) AND m.until <= $2 AND l.item = m.item RETURNING l.item, l.state`,
    [arrayOf("uuid", items, (item) => item), isoMs(now)],
  );
  return ended.map(({ item, state }) => ({ item, state: unpackState(state) }));
}
