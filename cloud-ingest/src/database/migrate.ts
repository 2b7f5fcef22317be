import { createHash } from "node:crypto";
import { isStorewardError } from "@storeward/runtime";
import { E } from "./errors.js";
import { isTransient } from "./pg-errors.js";
import type { Database, Migration, Sql, Transaction } from "./types.js";

/** Any constant: it names this lock among the advisory locks of the database. */
const LOCK = 7_105_190_001;
const MIGRATION_TABLE =
  "CREATE TABLE IF NOT EXISTS schema_migration (id text PRIMARY KEY, hash text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())";

/**
 * Brings the schema to what `migrations` says, in the order of their ids, each in a transaction of its own under an advisory lock, so that several
 * processes may start at once. Errors: DATABASE_NEWER when the database has had steps that this list does not know, MIGRATION_CHANGED,
 * MIGRATION_FAILED.
 */
export async function migrate(db: Database, migrations: readonly Migration[]): Promise<void> {
  const list = [...migrations].sort((a, b) => (a.id < b.id ? -1 : 1));
  // Whoever else starts may be at a step that takes long.
  await db.transaction(
    async (tx) => {
      await lock(tx);
      await tx.query(MIGRATION_TABLE);
      refuseNewer(await appliedTo(tx), list);
    },
    { long: true },
  );
  for (const migration of list) await apply(db, migration);
}

/** Makes the schema in an empty database, within the caller's transaction: for a restore, which is whole or not at all. */
export async function installSchema(tx: Transaction, migrations: readonly Migration[]): Promise<void> {
  await tx.query(MIGRATION_TABLE);
  for (const migration of [...migrations].sort((a, b) => (a.id < b.id ? -1 : 1))) await step(tx, migration);
}

async function apply(db: Database, migration: Migration): Promise<void> {
  await db.transaction(
    async (tx) => {
      await lock(tx);
      await step(tx, migration);
    },
    { long: true },
  );
}

async function step(tx: Transaction, { id, sql }: Migration): Promise<void> {
  const hash = createHash("sha256").update(sql).digest("hex");
  const done = (await appliedTo(tx)).get(id);
  if (done === hash) return;
  if (done !== undefined) throw E.MIGRATION_CHANGED({ id });
  try {
    await tx.query(sql);
  } catch (cause) {
    if (isStorewardError(cause) || isTransient(cause)) throw cause;
    throw E.MIGRATION_FAILED({ id }, { cause });
  }
  await tx.query("INSERT INTO schema_migration (id, hash) VALUES ($1, $2)", [id, hash]);
}

async function lock(tx: Sql): Promise<void> {
  await tx.query("SELECT pg_advisory_xact_lock($1)", [LOCK]);
}

async function appliedTo(sql: Sql): Promise<Map<string, string>> {
  const rows = await sql.query<{ id: string; hash: string }>("SELECT id, hash FROM schema_migration");
  return new Map(rows.map(({ id, hash }) => [id, hash]));
}

function refuseNewer(applied: ReadonlyMap<string, string>, list: readonly Migration[]): void {
  const known = new Set(list.map(({ id }) => id));
  const ids = [...applied.keys()].filter((id) => !known.has(id)).sort();
  if (ids.length > 0) throw E.DATABASE_NEWER({ ids: ids.join(", ") });
}
