import { hash } from "node:crypto";
import { arrayOf, type Sql, type Transaction } from "../database/index.js";
import type { EvidenceKey } from "./fold/evidence.js";
import type { FoldedStay } from "./fold/fold.js";
import { packState } from "./fold/packing.js";
import type { KnownStay, Settled, Told } from "./settle.js";

/** A stay of an item as it is to be stored. */
export interface ItemStay {
  readonly item: string;
  readonly stay: FoldedStay;
}

/** The stay's id: the same for the same item and opening evidence, whenever it is found. */
export function stayId(item: string, { at, agent, epoch, seq, tag }: EvidenceKey): string {
  const hex = hash("sha256", JSON.stringify([item, at, agent, epoch, seq, tag]));
  // RFC 9562 §5.8: version 8, and the variant in the upper bits of the ninth byte.
  const variant = ((Number.parseInt(hex.charAt(16), 16) & 0x3) | 0x8).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

export async function storeStays(tx: Transaction, stays: readonly ItemStay[]): Promise<void> {
  await openStays(
    tx,
    stays.filter(({ stay }) => stay.checkpoint !== undefined),
  );
  await changeStays(
    tx,
    stays.filter(({ stay }) => stay.checkpoint === undefined),
  );
}

/** SQL: whether what is told of a stay may no longer be what is known, by the row `n` of what is known now. */
const PENDING = `s.pending OR s.withdrawn
  OR (s.place, s.from_at, s.to_at, s.sure_since) IS DISTINCT FROM (n.place, n.from_at, n.to_at, n.sure_since)`;

/** Stays that were opened; some may have been opened before, and come out otherwise now. */
async function openStays(tx: Transaction, stays: readonly ItemStay[]): Promise<void> {
  if (stays.length === 0) return;
  await tx.query(
    `INSERT INTO item_stay AS s (id, place, shelf, state, from_at, to_at, p, sure_since, item, opening_at, opening, checkpoint)
     SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::bool[], $4::text[], $5::timestamptz[], $6::timestamptz[], $7::float8[],
       $8::timestamptz[], $9::uuid[], $10::timestamptz[], $11::jsonb[], $12::text[])
     ON CONFLICT (id) DO UPDATE SET
       place = excluded.place, shelf = excluded.shelf, state = excluded.state, from_at = excluded.from_at, to_at = excluded.to_at,
       p = excluded.p, sure_since = excluded.sure_since, withdrawn = false, checkpoint = excluded.checkpoint,
       pending = ${PENDING.replaceAll(/\bn\./g, "excluded.")}`,
    [
      ...knownOf(stays),
      arrayOf("uuid", stays, ({ item }) => item),
      arrayOf("timestamptz", stays, ({ stay: { opening } }) => opening.at),
      arrayOf("jsonb", stays, ({ stay: { opening } }) => JSON.stringify(opening)),
      arrayOf("text", stays, ({ stay: { checkpoint } }) => (checkpoint === undefined ? null : packState(checkpoint))),
    ],
  );
}

/** Stays that were open before and go on, or have ended. */
async function changeStays(tx: Transaction, stays: readonly ItemStay[]): Promise<void> {
  if (stays.length === 0) return;
  await tx.query(
    `UPDATE item_stay s SET
       place = n.place, shelf = n.shelf, state = n.state, from_at = n.from_at, to_at = n.to_at, p = n.p, sure_since = n.sure_since,
       withdrawn = false, pending = ${PENDING}
     FROM unnest($1::uuid[], $2::uuid[], $3::bool[], $4::text[], $5::timestamptz[], $6::timestamptz[], $7::float8[], $8::timestamptz[])
       AS n(id, place, shelf, state, from_at, to_at, p, sure_since)
     WHERE s.id = n.id`,
    knownOf(stays),
  );
}

/**
 * What is known of stays, as columns: id, place, shelf, state, from, to, p and since when it is sure. How sure an open one is changes with nearly
 * every piece of evidence: that is read from the item, and written here when the stay ends.
 */
function knownOf(stays: readonly ItemStay[]): Buffer[] {
  return [
    arrayOf("uuid", stays, ({ item, stay }) => stayId(item, stay.opening)),
    arrayOf("uuid", stays, ({ stay }) => stay.place),
    arrayOf("bool", stays, ({ stay }) => stay.shelf),
    arrayOf("text", stays, ({ stay }) => stay.state),
    arrayOf("timestamptz", stays, ({ stay }) => stay.from),
    arrayOf("timestamptz", stays, ({ stay }) => stay.to),
    arrayOf("float8", stays, ({ stay }) => (stay.to === null ? null : stay.p)),
    arrayOf("timestamptz", stays, ({ stay }) => stay.sureSince),
  ];
}

/** The stays of items that were opened from a moment on. */
export async function staysSince(
  sql: Sql,
  items: readonly { readonly item: string; readonly from: number | null }[],
): Promise<{ item: string; id: string; opening: EvidenceKey }[]> {
  if (items.length === 0) return [];
  return sql.query(
    `SELECT s.* FROM unnest($1::uuid[], $2::timestamptz[]) AS n(of, since) CROSS JOIN LATERAL (
       SELECT item, id, opening FROM item_stay
       WHERE item = n.of AND opening_at >= coalesce(n.since, '-infinity') AND NOT withdrawn OFFSET 0
     ) s`,
    [arrayOf("uuid", items, ({ item }) => item), arrayOf("timestamptz", items, ({ from }) => from)],
  );
}

/** Stays that later evidence has taken away: gone where nobody was told of them, else until that is told. */
export async function withdrawStays(tx: Transaction, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  await tx.query("DELETE FROM item_stay WHERE id = ANY ($1) AND revision = 0", [ids]);
  await tx.query("UPDATE item_stay SET withdrawn = true, pending = true WHERE id = ANY ($1)", [ids]);
}

/** A stay of an item of which something may be to be told. */
export interface Unsettled extends KnownStay {
  /** Whether what was told of it may not be what is known. */
  readonly pending: boolean;
}

interface StoredStay {
  item: string;
  id: string;
  opening: EvidenceKey;
  place: string;
  from_at: Date;
  to_at: Date | null;
  p: number;
  sure_since: Date | null;
  revision: number;
  told: Told | null;
  withdrawn: boolean;
  pending: boolean;
}

/** Of each item that is due, the stays of which something may be to be told, and the open one. The items are locked. */
export async function unsettledStays(sql: Sql, items: readonly string[]): Promise<Map<string, Unsettled[]>> {
  // Item by item, by the index, whatever the planner thinks of how many there are.
  const rows = await sql.query<StoredStay>(
    `SELECT s.item, s.id, s.opening, s.place, s.from_at, s.to_at, coalesce(s.p, l.p) AS p, s.sure_since, s.revision, s.told, s.withdrawn, s.pending
     FROM unnest($1::uuid[]) AS n(of) JOIN item_location l ON l.item = n.of JOIN item_due d ON d.item = n.of CROSS JOIN LATERAL (
       SELECT * FROM item_stay WHERE item = n.of AND opening_at >= d.pending_from AND pending
       UNION ALL
       SELECT * FROM (
         SELECT * FROM item_stay WHERE item = n.of AND NOT withdrawn ORDER BY opening_at DESC LIMIT 1
       ) latest WHERE NOT pending
     ) s`,
    [arrayOf("uuid", items, (item) => item)],
  );
  const found = new Map<string, Unsettled[]>(items.map((item) => [item, []]));
  for (const { item, from_at, to_at, sure_since, ...rest } of rows) {
    const to = to_at?.getTime() ?? null;
    found.get(item)?.push({ ...rest, from: from_at.getTime(), to, sureSince: sure_since?.getTime() ?? null });
  }
  return found;
}

/** Notes what was told of stays, by what was known of each item; withdrawn ones are no longer needed then. */
export async function markTold(
  tx: Transaction,
  looked: readonly { readonly known: readonly Unsettled[]; readonly settled: Settled }[],
): Promise<void> {
  const changes = looked.flatMap(({ settled }) => settled.changes);
  const done = new Set(looked.flatMap(({ settled }) => settled.done));
  const told = new Set(changes.map(({ stay }) => stay));
  const over = looked.flatMap(({ known }) => known.filter(({ id }) => done.has(id)));
  const gone = over.filter(({ withdrawn }) => withdrawn);
  const silent = over.filter(({ id, withdrawn, pending }) => pending && !withdrawn && !told.has(id));
  if (changes.length > 0)
    await tx.query(
      `UPDATE item_stay s SET revision = n.revision, told = n.told, pending = s.pending AND NOT n.done
       FROM unnest($1::uuid[], $2::int4[], $3::jsonb[], $4::bool[]) AS n(id, revision, told, done) WHERE s.id = n.id`,
      [
        arrayOf("uuid", changes, ({ stay }) => stay),
        arrayOf("int4", changes, ({ revision }) => revision),
        arrayOf("jsonb", changes, ({ op, told }) => (op === "retract" ? null : JSON.stringify(told))),
        arrayOf("bool", changes, ({ stay }) => done.has(stay)),
      ],
    );
  const idsOf = (stays: readonly Unsettled[]) => arrayOf("uuid", stays, ({ id }) => id);
  if (silent.length > 0)
    await tx.query("UPDATE item_stay SET pending = false WHERE id = ANY ($1::uuid[])", [idsOf(silent)]);
  if (gone.length > 0) await tx.query("DELETE FROM item_stay WHERE id = ANY ($1::uuid[])", [idsOf(gone)]);
}
