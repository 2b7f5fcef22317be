import type { Sql, Transaction } from "../database/index.js";
import { SHADOW } from "./shadow.js";
import { STATE_TABLES, type StateTable } from "./state-tables.js";

export interface Difference {
  readonly table: string;
  /** missing: the live table lacks the row; extra: it should not have it. */
  readonly kind: "missing" | "extra" | "changed";
  readonly key: Readonly<Record<string, unknown>>;
  /** The columns compared, as they are and as they should be; null where there is no row. */
  readonly live: Readonly<Record<string, unknown>> | null;
  readonly rebuilt: Readonly<Record<string, unknown>> | null;
}

/**
 * Compares the live tables with those beside them, and keeps what differs in the table `rebuild_difference` until the transaction ends.
 *
 * @param horizon what is older is compared with nothing
 * @returns how many rows differ
 */
export async function compare(tx: Transaction, horizon: Date | "-infinity"): Promise<number> {
  await tx.query(
    'CREATE TEMP TABLE rebuild_difference ("table" text, kind text, key jsonb, live jsonb, rebuilt jsonb) ON COMMIT DROP',
  );
  for (const table of STATE_TABLES) if (table.compared.length > 0) await tx.query(compareSql(table), [horizon]);
  const [found] = await tx.query<{ count: number }>("SELECT count(*) AS count FROM rebuild_difference");
  return found?.count ?? 0;
}

function compareSql({ name, key, compared, within = "true" }: StateTable): string {
  const rows = (schema: string) =>
    `(SELECT t.*, true AS here FROM ${schema}.${name} t WHERE ${within} AND $1::timestamptz IS NOT NULL)`;
  const of = (side: string, columns: readonly string[]) => columns.map((column) => `${side}.${column}`).join(", ");
  const json = (side: string) =>
    `CASE WHEN ${side}.here THEN jsonb_build_object(${compared.map((c) => `'${c}', ${side}.${c}`).join(", ")}) END`;
  const keys = key.map((column) => `'${column}', coalesce(l.${column}, s.${column})`).join(", ");
  return `INSERT INTO rebuild_difference
    SELECT '${name}', CASE WHEN l.here IS NULL THEN 'missing' WHEN s.here IS NULL THEN 'extra' ELSE 'changed' END,
      jsonb_build_object(${keys}), ${json("l")}, ${json("s")}
    FROM ${rows("public")} l FULL JOIN ${rows(SHADOW)} s ON ${key.map((column) => `l.${column} = s.${column}`).join(" AND ")}
    WHERE l.here IS NULL OR s.here IS NULL OR ROW(${of("l", compared)}) IS DISTINCT FROM ROW(${of("s", compared)})`;
}

/** The first of them, table by table. */
export async function firstDifferences(sql: Sql, limit: number): Promise<Difference[]> {
  return sql.query<Difference>('SELECT * FROM rebuild_difference ORDER BY "table", key LIMIT $1', [limit]);
}

/** One in words. */
export function describeDifference({ table, kind, key, live, rebuilt }: Difference): string {
  const row = `${table} ${Object.values(key).map(String).join(" ")}`;
  if (kind === "missing") return `${row} is missing`;
  if (kind === "extra") return `${row} should not be there`;
  const changed = Object.keys(rebuilt ?? {}).filter(
    (column) => JSON.stringify(live?.[column]) !== JSON.stringify(rebuilt?.[column]),
  );
  const words = changed.map((column) => `${column} is ${short(live?.[column])}, should be ${short(rebuilt?.[column])}`);
  return `${row}: ${words.join("; ")}`;
}

function short(value: unknown): string {
  const text = JSON.stringify(value ?? null);
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}
