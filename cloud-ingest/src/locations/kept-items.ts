import { arrayOf, type Sql, type Transaction } from "../database/index.js";
import { shardOf } from "./evidence-log.js";
import { type Kept, NOTHING_KEPT } from "./fold/fold.js";
import { packState, unpackState } from "./fold/packing.js";
import type { FoldState } from "./fold/state.js";
import type { Due } from "./settle.js";

/** What is kept of an item. */
export interface KeptItem {
  readonly item: string;
  readonly kept: Kept;
  /** When its stays are to be looked at for what has settled; null: they need not be. */
  readonly due: Due | null;
  /** When the first was opened of those of its stays that are not as they were; null: they all are. */
  readonly pendingFrom: number | null;
}

interface Stored {
  readonly item: string;
  readonly state: string | null;
  readonly behind: string | null;
  readonly next: string | null;
  readonly run: number;
  readonly due_at: Date | null;
  readonly due_agent: string | null;
}

/** Locks these items' rows, in the order of their ids, and reads them; an item without a row has nothing kept. */
export async function lockKept(tx: Transaction, items: readonly string[]): Promise<Map<string, KeptItem>> {
  const rows = await tx.query<Stored>(
    `SELECT item, state, behind, next, run, due_at, due_agent FROM item_location
     WHERE item = ANY ($1::uuid[]) ORDER BY item FOR UPDATE`,
    [arrayOf("uuid", items, (item) => item)],
  );
  const found = new Map<string, KeptItem>(
    items.map((item) => [item, { item, kept: NOTHING_KEPT, due: null, pendingFrom: null }]),
  );
  for (const { item, state, behind, next, run, due_at, due_agent } of rows) {
    const due = due_at === null || due_agent === null ? null : { at: due_at.getTime(), agent: due_agent };
    const kept = { state: unpackState(state), behind: unpackState(behind), next: unpackState(next), run };
    found.set(item, { item, kept, due, pendingFrom: null });
  }
  return found;
}

/** @param now wall clock, ms: a motion that is over by then is not kept for telling */
export async function storeKept(tx: Transaction, rows: readonly KeptItem[], now: number): Promise<void> {
  await tx.query(
    `INSERT INTO item_location AS l (item, shard, place, state_base, since, seen_at, p, moving_until, state, behind, next, run, due_at, due_agent,
       pending_from)
     SELECT * FROM unnest($1::uuid[], $2::int4[], $3::uuid[], $4::text[], $5::timestamptz[], $6::timestamptz[], $7::float8[],
       $8::timestamptz[], $9::text[], $10::text[], $11::text[], $12::int4[], $13::timestamptz[], $14::text[],
       $15::timestamptz[])
     ON CONFLICT (item) DO UPDATE SET
       place = excluded.place, state_base = excluded.state_base, since = excluded.since, seen_at = excluded.seen_at, p = excluded.p,
       moving_until = excluded.moving_until, state = excluded.state, behind = excluded.behind, next = excluded.next, run = excluded.run,
       due_at = excluded.due_at, due_agent = excluded.due_agent, pending_from = least(l.pending_from, excluded.pending_from)`,
    [
      arrayOf("uuid", rows, ({ item }) => item),
      arrayOf("int4", rows, ({ item }) => shardOf(item)),
      arrayOf("uuid", rows, ({ kept }) => kept.state.stay?.place ?? null),
      arrayOf("text", rows, ({ kept }) => kept.state.stay?.state ?? null),
      arrayOf("timestamptz", rows, ({ kept }) => kept.state.stay?.from ?? null),
      arrayOf("timestamptz", rows, ({ kept }) => kept.state.seenAt),
      arrayOf("float8", rows, ({ kept }) => kept.state.stay?.p ?? 0),
      arrayOf("timestamptz", rows, ({ kept: { state } }) =>
        (state.movingUntil ?? 0) > now ? state.movingUntil : null,
      ),
      arrayOf("text", rows, ({ kept }) => packState(kept.state)),
      arrayOf("text", rows, ({ kept }) => packState(kept.behind)),
      arrayOf("text", rows, ({ kept }) => packState(kept.next)),
      arrayOf("int4", rows, ({ kept }) => kept.run),
      arrayOf("timestamptz", rows, ({ due }) => due?.at ?? null),
      arrayOf("text", rows, ({ due }) => due?.agent ?? null),
      arrayOf("timestamptz", rows, ({ pendingFrom }) => pendingFrom),
    ],
  );
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
