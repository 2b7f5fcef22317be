import { arrayOf, type Sql, type Transaction } from "../database/index.js";
import { shardOf } from "./evidence-log.js";
import type { KeptItem } from "./kept-items.js";
import type { Due } from "./settle.js";

/*
 * When time alone brings something of an item: its stays settle. The rows are few and short, and looked through whole: an index on their times
 * would be written anew with nearly every piece of evidence. They change only while their item is locked (`lockKept`, `lockItems`).
 */

/** By agent: everything it observed up to here is in the journal. */
export type Through = ReadonlyMap<string, Date>;

/** An item that is due. */
export interface DueItem {
  readonly item: string;
  readonly shard: number;
  /** How far the agent has looked whose evidence it waits for. */
  readonly through: Date;
}

/** When an item is to be looked at again, and when the first of its stays was opened of which more may be to be told. */
export interface NextLook {
  readonly item: string;
  readonly due: Due | null;
  readonly pendingFrom: number | null;
}

/** Notes when those items are due of which stays have changed. */
export async function keepDue(tx: Transaction, kept: readonly KeptItem[]): Promise<void> {
  const rows = kept.filter(({ pendingFrom }) => pendingFrom !== null);
  if (rows.length === 0) return;
  await tx.query(
    `INSERT INTO item_due AS d (item, shard, at, agent, pending_from)
     SELECT * FROM unnest($1::uuid[], $2::int4[], $3::timestamptz[], $4::text[], $5::timestamptz[])
     ON CONFLICT (item) DO UPDATE SET
       at = excluded.at, agent = excluded.agent, pending_from = least(d.pending_from, excluded.pending_from)`,
    [arrayOf("uuid", rows, ({ item }) => item), arrayOf("int4", rows, ({ item }) => shardOf(item)), ...columnsOf(rows)],
  );
}

function columnsOf(rows: readonly Omit<NextLook, "item">[]): Buffer[] {
  return [
    arrayOf("timestamptz", rows, ({ due }) => due?.at ?? null),
    arrayOf("text", rows, ({ due }) => due?.agent ?? null),
    arrayOf("timestamptz", rows, ({ pendingFrom }) => pendingFrom),
  ];
}

/** Items that are due, first those that have been for longest. Others may have them in hand. */
export async function itemsDue(sql: Sql, through: Through, limit: number): Promise<string[]> {
  const agents = [...through];
  const rows = await sql.query<{ item: string }>(
    `SELECT d.item FROM item_due d JOIN unnest($1::text[], $2::timestamptz[]) AS a(agent, through) ON a.agent = d.agent AND d.at <= a.through
     ORDER BY d.at LIMIT $3`,
    [arrayOf("text", agents, ([agent]) => agent), arrayOf("timestamptz", agents, ([, at]) => at), limit],
  );
  return rows.map(({ item }) => item);
}

/** Which of these items, that are locked, are due still. */
export async function stillDue(tx: Transaction, through: Through, items: readonly string[]): Promise<DueItem[]> {
  const rows = await tx.query<{ item: string; shard: number; at: Date; agent: string }>(
    "SELECT item, shard, at, agent FROM item_due WHERE item = ANY ($1::uuid[]) AND (at, agent) IS NOT NULL",
    [arrayOf("uuid", items, (item) => item)],
  );
  return rows.flatMap(({ item, shard, at, agent }) => {
    const looked = through.get(agent);
    return looked !== undefined && at <= looked ? [{ item, shard, through: looked }] : [];
  });
}

/** When these items, which are locked, are to be looked at again; or that they need not be. */
export async function lookLater(tx: Transaction, looks: readonly NextLook[]): Promise<void> {
  const isOver = ({ due, pendingFrom }: NextLook) => due === null && pendingFrom === null;
  const ids = (some: readonly NextLook[]) => arrayOf("uuid", some, ({ item }) => item);
  const over = looks.filter(isOver);
  const later = looks.filter((look) => !isOver(look));
  if (over.length > 0) await tx.query("DELETE FROM item_due WHERE item = ANY ($1::uuid[])", [ids(over)]);
  if (later.length > 0)
    await tx.query(
      `UPDATE item_due d SET at = n.at, agent = n.agent, pending_from = n.pending_from
       FROM unnest($1::uuid[], $2::timestamptz[], $3::text[], $4::timestamptz[]) AS n(item, at, agent, pending_from)
       WHERE d.item = n.item`,
      [ids(later), ...columnsOf(later)],
    );
}
