import { arrayOf, columns, type Sql, type Transaction } from "../database/index.js";
import { shardOf } from "./evidence-log.js";
import { type Kept, NOTHING_KEPT } from "./fold/fold.js";
import { packState, unpackState } from "./fold/packing.js";
import type { FoldState } from "./fold/state.js";
import type { Due } from "./settle.js";

/** What is kept of an item. */
export interface KeptItem {
  readonly item: string;
  readonly kept: Kept;
  /** Of an item of which stays have changed: when they are to be looked at for what has settled; null: they need not be. */
  readonly due: Due | null;
  /** When the first was opened of those of its stays that are not as they were; null: they all are, and it is due when it was. */
  readonly pendingFrom: number | null;
}

/** An item that is locked, as far as there is anything of it yet. */
export interface LockedItem extends KeptItem {
  /** Nothing is kept of it yet, nor locked. */
  readonly isNew: boolean;
}

interface Stored {
  readonly item: string;
  readonly state: string | null;
  readonly behind: string | null;
  readonly next: string | null;
  readonly run: number;
}

/** Locks these items' rows, in the order of their ids, and reads them; an item without a row has nothing kept. */
export async function lockKept(tx: Transaction, items: readonly string[]): Promise<Map<string, LockedItem>> {
  const rows = await tx.query<Stored>(
    "SELECT item, state, behind, next, run FROM item_location WHERE item = ANY ($1::uuid[]) ORDER BY item FOR UPDATE",
    [arrayOf("uuid", items, (item) => item)],
  );
  const found = new Map<string, LockedItem>(
    items.map((item) => [item, { item, kept: NOTHING_KEPT, due: null, pendingFrom: null, isNew: true }]),
  );
  for (const { item, state, behind, next, run } of rows) {
    const kept = { state: unpackState(state), behind: unpackState(behind), next: unpackState(next), run };
    found.set(item, { item, kept, due: null, pendingFrom: null, isNew: false });
  }
  return found;
}

/** Locks those of these items that nobody else has locked, who waits for nobody in any order; returns them. */
export async function lockItems(tx: Transaction, items: readonly string[]): Promise<string[]> {
  const rows = await tx.query<{ item: string }>(
    "SELECT item FROM item_location WHERE item = ANY ($1::uuid[]) FOR UPDATE SKIP LOCKED",
    [arrayOf("uuid", items, (item) => item)],
  );
  return rows.map(({ item }) => item);
}

/**
 * @param before these items as they were locked
 * @param now wall clock, ms: of a motion that is over by then nothing is said
 */
export async function storeKept(
  tx: Transaction,
  rows: readonly KeptItem[],
  before: ReadonlyMap<string, LockedItem>,
  now: number,
): Promise<void> {
  const isNew = ({ item }: KeptItem) => before.get(item)?.isNew ?? true;
  const known = rows.filter((row) => !isNew(row));
  await Promise.all([insertKept(tx, rows.filter(isNew), now), updateKept(tx, known, now)]);
}

const KEPT = {
  item: "uuid",
  place: "uuid",
  state_base: "text",
  since: "timestamptz",
  seen_at: "timestamptz",
  p: "float8",
  moving_until: "timestamptz",
  state: "text",
  behind: "text",
  next: "text",
  run: "int4",
} as const;
const NEW = columns({ ...KEPT, shard: "int4" });

/** Where another has put the same item in meanwhile, the transaction fails and is done again with what that one has kept. */
async function insertKept(tx: Transaction, rows: readonly KeptItem[], now: number): Promise<void> {
  if (rows.length === 0) return;
  await tx.query(`INSERT INTO item_location (${NEW.names}) ${NEW.rows}`, [
    ...columnsOf(rows, now),
    arrayOf("int4", rows, ({ item }) => shardOf(item)),
  ]);
}

async function updateKept(tx: Transaction, rows: readonly KeptItem[], now: number): Promise<void> {
  if (rows.length === 0) return;
  await tx.query(
    `UPDATE item_location l SET
       place = n.place, state_base = n.state_base, since = n.since, seen_at = n.seen_at, p = n.p, moving_until = n.moving_until,
       state = n.state, behind = n.behind, next = n.next, run = n.run
     FROM (${columns(KEPT).rows}) n WHERE l.item = n.item`,
    columnsOf(rows, now),
  );
}

function columnsOf(rows: readonly KeptItem[], now: number): Buffer[] {
  return [
    arrayOf("uuid", rows, ({ item }) => item),
    arrayOf("uuid", rows, ({ kept }) => kept.state.stay?.place ?? null),
    arrayOf("text", rows, ({ kept }) => kept.state.stay?.state ?? null),
    arrayOf("timestamptz", rows, ({ kept }) => kept.state.stay?.from ?? null),
    arrayOf("timestamptz", rows, ({ kept }) => kept.state.seenAt),
    arrayOf("float8", rows, ({ kept }) => kept.state.stay?.p ?? 0),
    arrayOf("timestamptz", rows, ({ kept: { state } }) => ((state.movingUntil ?? 0) > now ? state.movingUntil : null)),
    arrayOf("text", rows, ({ kept }) => packState(kept.state)),
    arrayOf("text", rows, ({ kept }) => packState(kept.behind)),
    arrayOf("text", rows, ({ kept }) => packState(kept.next)),
    arrayOf("int4", rows, ({ kept }) => kept.run),
  ];
}

/** States after the opening of each stay, from which an item can be run again: those opened at or before a moment, the latest two. */
export async function checkpointsBefore(
  sql: Sql,
  items: readonly { readonly item: string; readonly at: number }[],
): Promise<Map<string, FoldState[]>> {
  const found = new Map<string, FoldState[]>();
  if (items.length === 0) return found;
  const rows = await sql.query<{ item: string; checkpoint: string | null }>(
    `SELECT n.item, s.checkpoint FROM unnest($1::uuid[], $2::timestamptz[]) AS n(item, at)
     CROSS JOIN LATERAL (
       SELECT checkpoint FROM item_stay WHERE item = n.item AND opening_at <= n.at AND NOT withdrawn ORDER BY opening_at DESC LIMIT 3
     ) s`,
    [arrayOf("uuid", items, ({ item }) => item), arrayOf("timestamptz", items, ({ at }) => at)],
  );
  for (const { item, checkpoint } of rows) found.set(item, [...(found.get(item) ?? []), unpackState(checkpoint)]);
  return found;
}
