import type { Transaction } from "../database/index.js";
import { agentInState } from "../locations/index.js";
import { markRepaired, type Repaired } from "../time-series/index.js";
import { SHADOW } from "./shadow.js";
import { STATE_TABLES, type StateTable } from "./state-tables.js";

/**
 * Brings the live tables to what was rebuilt, row by row where they differ (`rebuild_difference`). Stays are not simply replaced: what was told of
 * them to others stays known, so that the settler tells the difference, as a correction with the next revision; and of time series the minutes that
 * change are written anew. `now` in milliseconds since 1970.
 */
export async function repair(tx: Transaction, now: number): Promise<void> {
  for (const table of STATE_TABLES) {
    if (table.compared.length === 0) continue;
    if (table.name === "item_stay") await repairStays(tx);
    else if (table.name === "coverage_span") await repairSpans(tx);
    else if (table.name === "item_location") await repairItems(tx, table);
    else {
      await remove(tx, table, ["extra", "changed"]);
      await insert(tx, table);
    }
  }
  await lookAgain(tx);
  const series = await tx.query<Repaired>(`SELECT * FROM rebuild_difference WHERE "table" LIKE 'series\\_%'`);
  await markRepaired(tx, series, now);
}

/** SQL of the rows that differ, as `p` with their keys. */
function differing({ name, key }: StateTable, kinds: readonly string[], side: string): string {
  const list = kinds.map((kind) => `'${kind}'`).join(", ");
  const same = key.map((column) => `${side}.${column} = p.${column}`).join(" AND ");
  return `rebuild_difference d, jsonb_populate_record(NULL::public.${name}, d.key) p
    WHERE d."table" = '${name}' AND d.kind IN (${list}) AND ${same}`;
}

async function remove(tx: Transaction, table: StateTable, kinds: readonly string[]): Promise<void> {
  await tx.query(`DELETE FROM public.${table.name} l USING ${differing(table, kinds, "l")}`);
}

async function insert(tx: Transaction, table: StateTable): Promise<void> {
  await tx.query(
    `INSERT INTO public.${table.name} SELECT s.* FROM ${SHADOW}.${table.name} s, ${differing(table, ["missing", "changed"], "s")}`,
  );
}

/** Spells have an order besides their times: those of a read point are put in together, in theirs. */
async function repairSpans(tx: Transaction): Promise<void> {
  const readPoints = `SELECT coalesce(d.rebuilt->>'read_point', d.live->>'read_point') FROM rebuild_difference d
    WHERE d."table" = 'coverage_span'`;
  await tx.query(
    `DELETE FROM public.coverage_span l WHERE l.read_point IN (${readPoints}) AND (
       EXISTS (SELECT FROM ${SHADOW}.coverage_span s WHERE s.agent = l.agent AND s.epoch = l.epoch AND s.seq = l.seq)
       OR EXISTS (SELECT FROM rebuild_difference d WHERE d."table" = 'coverage_span' AND d.kind = 'extra'
         AND d.key = jsonb_build_object('agent', l.agent, 'epoch', l.epoch, 'seq', l.seq)))`,
  );
  await tx.query(
    `INSERT INTO public.coverage_span OVERRIDING USER VALUE
     SELECT s.* FROM ${SHADOW}.coverage_span s WHERE s.read_point IN (${readPoints}) ORDER BY s.n`,
  );
}

/** An item of which nothing is known after all keeps a row that says so, for its stays are still to be taken back. */
async function repairItems(tx: Transaction, table: StateTable): Promise<void> {
  // The agent by whose word it is told is only in what was known of it.
  await tx.query(
    `INSERT INTO public.item_due AS n (item, shard, agent) SELECT l.item, l.shard, ${agentInState("l.state")}
     FROM public.item_location l, ${differing(table, ["extra"], "l")} ON CONFLICT (item) DO UPDATE SET agent = coalesce(n.agent, excluded.agent)`,
  );
  await tx.query(
    `UPDATE public.item_location l SET place = NULL, state_base = NULL, since = NULL, seen_at = NULL, p = 0, moving_until = NULL,
       state = NULL, behind = NULL, next = NULL, run = 0
     FROM ${differing(table, ["extra"], "l")}`,
  );
  await tx.query(
    `DELETE FROM public.item_location l USING ${SHADOW}.item_location s WHERE s.item = l.item AND EXISTS (
       SELECT FROM rebuild_difference d WHERE d."table" = 'item_location' AND d.key->>'item' = l.item::text AND d.kind <> 'extra')`,
  );
  await insert(tx, table);
}

async function repairStays(tx: Transaction): Promise<void> {
  const ids = (kind: string) =>
    `SELECT (d.key->>'id')::uuid FROM rebuild_difference d WHERE d."table" = 'item_stay' AND d.kind IN (${kind})`;
  await tx.query(`DELETE FROM public.item_stay WHERE revision = 0 AND id IN (${ids("'extra'")})`);
  await tx.query(`UPDATE public.item_stay SET withdrawn = true, pending = true WHERE id IN (${ids("'extra'")})`);
  await tx.query(
    `INSERT INTO public.item_stay SELECT s.* FROM ${SHADOW}.item_stay s WHERE s.id IN (${ids("'missing', 'changed'")})
     ON CONFLICT (id) DO UPDATE SET
       item = excluded.item, place = excluded.place, shelf = excluded.shelf, state = excluded.state, from_at = excluded.from_at,
       to_at = excluded.to_at, p = excluded.p, sure_since = excluded.sure_since, opening_at = excluded.opening_at,
       opening = excluded.opening, checkpoint = coalesce(excluded.checkpoint, item_stay.checkpoint), withdrawn = false, pending = true`,
  );
}

/** Items of which something has changed are looked at for what is to be told, as soon as an agent of theirs is heard. */
async function lookAgain(tx: Transaction): Promise<void> {
  await tx.query(
    `INSERT INTO public.item_due AS n (item, shard, at, agent, pending_from)
     SELECT l.item, l.shard, to_timestamp(0), ${agentInState("l.state")}, '-infinity' FROM public.item_location l
     WHERE l.item IN (
       SELECT coalesce(d.rebuilt->>'item', d.live->>'item', d.key->>'item')::uuid FROM rebuild_difference d
       WHERE d."table" IN ('item_stay', 'item_location'))
     ON CONFLICT (item) DO UPDATE SET at = excluded.at, agent = coalesce(excluded.agent, n.agent), pending_from = excluded.pending_from`,
  );
}
