import { hash } from "node:crypto";
import { arrayOf, columns, insertNew, type Sql, type Transaction } from "../database/index.js";
import { compareKeys, type EvidenceKey } from "./fold/evidence.js";
import type { FoldedStay } from "./fold/fold.js";
import { packState } from "./fold/packing.js";
import type { KeptItem } from "./kept-items.js";
import type { KnownStay, Settled, StayChange, Told } from "./settle.js";

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

/** Writes down those that were opened. @param before how far each item was known: what opened after that is hardly ever there already */
export async function openStays(
  tx: Transaction,
  stays: readonly ItemStay[],
  before: ReadonlyMap<string, KeptItem>,
): Promise<void> {
  const isLater = ({ item, stay }: ItemStay) => {
    const key = before.get(item)?.kept.state.key ?? null;
    return key === null || compareKeys(stay.opening, key) > 0;
  };
  const opened = stays.filter(({ stay }) => stay.checkpoint !== undefined);
  const [fresh, again] = [opened.filter(isLater), opened.filter((each) => !isLater(each))];
  await insertNew(tx, STAYS, fresh.length, openedOf(fresh));
  if (again.length > 0) await tx.query(`${STAYS.insert} ${STAYS.otherwise}`, openedOf(again));
}

const KEY = { item: "uuid", opening_at: "timestamptz", id: "uuid" } as const;
const KNOWN = {
  ...KEY,
  place: "uuid",
  shelf: "bool",
  state: "text",
  from_at: "timestamptz",
  to_at: "timestamptz",
  p: "float8",
  sure_since: "timestamptz",
} as const;
const SAME_KEY = "s.item = n.item AND s.opening_at = n.opening_at AND s.id = n.id";

/** SQL: whether what is told of a stay may no longer be what is known, by the row `n` of what is known now. */
const pendingBy = (n: string) => `s.pending OR s.withdrawn
  OR (s.place, s.from_at, s.to_at, s.sure_since) IS DISTINCT FROM (${n}.place, ${n}.from_at, ${n}.to_at, ${n}.sure_since)`;

const OPENED = columns({ ...KNOWN, opening: "text", checkpoint: "text" });
const STAYS = {
  insert: `INSERT INTO item_stay AS s (${OPENED.names}) ${OPENED.rows}`,
  /** Some may have been opened before, and come out otherwise now. */
  otherwise: `ON CONFLICT (item, opening_at, id) DO UPDATE SET
    place = excluded.place, shelf = excluded.shelf, state = excluded.state, from_at = excluded.from_at, to_at = excluded.to_at,
    p = excluded.p, sure_since = excluded.sure_since, withdrawn = false, checkpoint = excluded.checkpoint, pending = ${pendingBy("excluded")}`,
};

function openedOf(stays: readonly ItemStay[]): Buffer[] {
  return [
    ...knownOf(stays),
    arrayOf("text", stays, ({ stay: { opening } }) => JSON.stringify(opening)),
    arrayOf("text", stays, ({ stay: { checkpoint } }) => (checkpoint === undefined ? null : packState(checkpoint))),
  ];
}

/** Writes down those that were open before and go on, or have ended. */
export async function changeStays(tx: Transaction, all: readonly ItemStay[]): Promise<void> {
  const stays = all.filter(({ stay }) => stay.checkpoint === undefined);
  if (stays.length === 0) return;
  await tx.query(
    `UPDATE item_stay s SET
       place = n.place, shelf = n.shelf, state = n.state, from_at = n.from_at, to_at = n.to_at, p = n.p, sure_since = n.sure_since,
       withdrawn = false, pending = ${pendingBy("n")}
     FROM (${columns(KNOWN).rows}) n WHERE ${SAME_KEY}`,
    knownOf(stays),
  );
}

/**
 * What is known of stays, as columns. How sure an open one is changes with nearly every piece of evidence: that is read from the item, and written
 * here when the stay ends.
 */
function knownOf(stays: readonly ItemStay[]): Buffer[] {
  return [
    ...keysOf(stays.map(({ item, stay: { opening } }) => ({ item, opening, id: stayId(item, opening) }))),
    arrayOf("uuid", stays, ({ stay }) => stay.place),
    arrayOf("bool", stays, ({ stay }) => stay.shelf),
    arrayOf("text", stays, ({ stay }) => stay.state),
    arrayOf("timestamptz", stays, ({ stay }) => stay.from),
    arrayOf("timestamptz", stays, ({ stay }) => stay.to),
    arrayOf("float8", stays, ({ stay }) => (stay.to === null ? null : stay.p)),
    arrayOf("timestamptz", stays, ({ stay }) => stay.sureSince),
  ];
}

/** What names a stay. */
interface StayKey {
  readonly item: string;
  readonly id: string;
  readonly opening: EvidenceKey;
}

function keysOf(stays: readonly StayKey[]): Buffer[] {
  return [
    arrayOf("uuid", stays, ({ item }) => item),
    arrayOf("timestamptz", stays, ({ opening }) => opening.at),
    arrayOf("uuid", stays, ({ id }) => id),
  ];
}

/** The stays of items that were opened from a moment on. */
export async function staysSince(
  sql: Sql,
  items: readonly { readonly item: string; readonly from: number | null }[],
): Promise<{ item: string; id: string; opening: EvidenceKey }[]> {
  if (items.length === 0) return [];
  const rows = await sql.query<{ item: string; id: string; opening: string }>(
    `SELECT s.* FROM unnest($1::uuid[], $2::timestamptz[]) AS n(of, since) CROSS JOIN LATERAL (
       SELECT item, id, opening FROM item_stay
       WHERE item = n.of AND opening_at >= coalesce(n.since, '-infinity') AND NOT withdrawn OFFSET 0
     ) s`,
    [arrayOf("uuid", items, ({ item }) => item), arrayOf("timestamptz", items, ({ from }) => from)],
  );
  return rows.map((row) => ({ ...row, opening: openingIn(row.opening) }));
}

/** The evidence that opened a stay, as it is stored. */
export function openingIn(text: string): EvidenceKey {
  return JSON.parse(text) as EvidenceKey;
}

/**
 * Stays that later evidence has taken away: gone where nobody was told of them, else kept with what was told.
 *
 * @param changed items of which stays have changed, these among them
 */
export async function withdrawStays(
  tx: Transaction,
  ids: readonly string[],
  changed: readonly KeptItem[],
): Promise<void> {
  if (ids.length === 0) return;
  const some = changed.filter(({ pendingFrom }) => pendingFrom !== null);
  const values = [
    arrayOf("uuid", some, ({ item }) => item),
    arrayOf("timestamptz", some, ({ pendingFrom }) => pendingFrom),
    arrayOf("uuid", ids, (id) => id),
  ];
  const these = `(${columns({ item: "uuid", since: "timestamptz" }).rows}) n
    WHERE s.item = n.item AND s.opening_at >= n.since AND s.id = ANY ($3::uuid[])`;
  await tx.query(`DELETE FROM item_stay s USING ${these} AND s.revision = 0`, values);
  await tx.query(`UPDATE item_stay s SET withdrawn = true, pending = true FROM ${these}`, values);
}

/** A stay of an item of which something may be to be told. */
export interface Unsettled extends KnownStay {
  readonly item: string;
  /** Whether what was told of it may not be what is known. */
  readonly pending: boolean;
}

interface StoredStay {
  item: string;
  id: string;
  opening: string;
  place: string;
  from_at: Date;
  to_at: Date | null;
  p: number;
  sure_since: Date | null;
  revision: number;
  told: string | null;
  withdrawn: boolean;
  pending: boolean;
}

/**
 * Of each item that is due, the stays of which something may be to be told, and the open one, which is opened after all that are told of. The items
 * are locked.
 */
export async function unsettledStays(sql: Sql, items: readonly string[]): Promise<Map<string, Unsettled[]>> {
  const rows = await sql.query<StoredStay>(
    `SELECT s.item, s.id, s.opening, s.place, s.from_at, s.to_at, coalesce(s.p, l.p) AS p, s.sure_since, s.revision, s.told, s.withdrawn, s.pending
     FROM (${columns({ of: "uuid" }).rows}) n JOIN item_due d ON d.item = n.of JOIN item_location l ON l.item = n.of JOIN item_stay s
       ON s.item = n.of AND s.opening_at >= d.pending_from AND (s.pending OR s.to_at IS NULL AND NOT s.withdrawn)`,
    [arrayOf("uuid", items, (item) => item)],
  );
  const found = new Map<string, Unsettled[]>(items.map((item) => [item, []]));
  for (const { from_at, to_at, sure_since, opening, told, ...rest } of rows)
    found.get(rest.item)?.push({
      opening: openingIn(opening),
      from: from_at.getTime(),
      to: to_at?.getTime() ?? null,
      sureSince: sure_since?.getTime() ?? null,
      told: told === null ? null : (JSON.parse(told) as Told),
      ...rest,
    });
  return found;
}

/**
 * Notes what was told of stays, by what was known of each item. One that was taken back is kept: it may be found again, and what is told of it then goes on
 * where its revisions ended.
 */
export async function markTold(
  tx: Transaction,
  looked: readonly { readonly known: readonly Unsettled[]; readonly settled: Settled }[],
): Promise<void> {
  const words = new Map(looked.flatMap(({ settled }) => settled.changes.map((change) => [change.stay, change])));
  const done = new Set(looked.flatMap(({ settled }) => settled.done));
  const stays = looked.flatMap(({ known }) => known);
  const told = stays.filter(({ id }) => words.has(id));
  const silent = stays.filter(({ id, pending }) => pending && done.has(id) && !words.has(id));
  if (told.length > 0)
    await tx.query(
      `UPDATE item_stay s SET revision = n.revision, told = n.told, pending = s.pending AND NOT n.done
       FROM (${columns({ ...KEY, revision: "int4", told: "text", done: "bool" }).rows}) n WHERE ${SAME_KEY}`,
      [
        ...keysOf(told),
        arrayOf("int4", told, ({ id }) => words.get(id)?.revision ?? null),
        arrayOf("text", told, ({ id }) => toldBy(words.get(id))),
        arrayOf("bool", told, ({ id }) => done.has(id)),
      ],
    );
  if (silent.length > 0)
    await tx.query(
      `UPDATE item_stay s SET pending = false FROM (${columns(KEY).rows}) n WHERE ${SAME_KEY}`,
      keysOf(silent),
    );
}

function toldBy(change: StayChange | undefined): string | null {
  return change === undefined || change.op === "retract" ? null : JSON.stringify(change.told);
}
