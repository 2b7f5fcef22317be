import type { AlertRule } from "@storeward/contracts";
import { isoMs } from "@storeward/runtime";
import type { Sql, Transaction } from "../../database/index.js";
import type { ItemCards } from "../../locations/index.js";
import type { AlertBook } from "../alert-book.js";
import { beginConditions, type Ended, endConditions } from "./conditions.js";
import type { SettledItem, SettledRules } from "./settled-rules.js";

const PAGE = 2000;

/**
 * Judges things by where they have settled: what holds of none any more is over, what is new gets its timer. Of a thing in `between`, which
 * has left and settled nowhere, nothing is said but that it is in no place.
 */
export async function judgeSettled(
  tx: Transaction,
  deps: { readonly rules: SettledRules; readonly cards: ItemCards; readonly book: Pick<AlertBook, "close"> },
  settled: readonly SettledItem[],
  between: readonly string[],
  isOutside: (rule: string) => boolean,
  now: number,
): Promise<void> {
  const { rules, cards, book } = deps;
  const items = [...settled.map(({ item }) => item), ...between];
  if (items.length === 0) return;
  const known = await tx.query<{ rule: string; subject: string; since: Date }>(
    "SELECT rule, subject, since FROM alert_condition WHERE subject = ANY($1) AND agent IS NOT NULL",
    [items],
  );
  const holding = new Map<string, { readonly rule: AlertRule; readonly at: SettledItem }>();
  for (const at of settled)
    for (const rule of rules.of(at)) holding.set(JSON.stringify([rule.id, at.item]), { rule, at });
  const gone = new Set(between);
  const ended: Ended[] = [];
  for (const { rule, subject } of known) {
    const key = JSON.stringify([rule, subject]);
    // In another place it goes on being outside.
    if (holding.delete(key) || (gone.has(subject) && isOutside(rule))) continue;
    ended.push({ rule, subject, at: now, why: "It is somewhere else" });
  }
  await endConditions(tx, ended);
  await book.close(tx, ended);
  if (holding.size === 0) return;
  const begun = [...holding.values()];
  const names = await cards.cards(
    tx,
    begun.map(({ at }) => at.item),
  );
  await beginConditions(
    tx,
    begun.map(({ rule, at }) => ({ rule, finding: rules.finding(rule, at, names.get(at.item)?.name ?? at.item) })),
  );
}

/** Where things are that a rule may be about: for one that is new. They stay there until the transaction ends: who moves one waits. */
export async function* settledItems(sql: Sql): AsyncGenerator<SettledItem[]> {
  let after: string | null = null;
  for (;;) {
    const rows: (Omit<SettledItem, "from"> & { from: Date })[] = await sql.query(
      `SELECT item, kind, place, from_at AS "from", agent FROM alert_stay WHERE $1::uuid IS NULL OR item > $1 ORDER BY item LIMIT ${PAGE} FOR SHARE`,
      [after],
    );
    const last = rows.at(-1);
    if (last === undefined) return;
    after = last.item;
    yield rows.map((row) => ({ ...row, from: row.from.getTime() }));
  }
}

/** Remembers where things have settled, and forgets where those were that have left. */
export async function rememberStays(
  tx: Transaction,
  settled: readonly (SettledItem & { readonly stay: string })[],
  gone: readonly string[],
): Promise<void> {
  if (gone.length > 0) await tx.query("DELETE FROM alert_stay WHERE item = ANY($1)", [gone]);
  if (settled.length === 0) return;
  await tx.query(
    `INSERT INTO alert_stay (item, stay, place, kind, from_at, agent)
     SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::timestamptz[], $6::text[])
     ON CONFLICT (item) DO UPDATE SET stay = excluded.stay, place = excluded.place, kind = excluded.kind, from_at = excluded.from_at, agent = excluded.agent`,
    [
      settled.map(({ item }) => item),
      settled.map(({ stay }) => stay),
      settled.map(({ place }) => place),
      settled.map(({ kind }) => kind),
      settled.map(({ from }) => isoMs(from)),
      settled.map(({ agent }) => agent),
    ],
  );
}
