import { defineErrors } from "@storeward/runtime";
import type { Database, Sql } from "../database/index.js";

const E = defineErrors({
  LEDGER_DIFFERS: {
    template:
      "The database is ledger {found}, and the configuration names ledger {ledger}: agents of one must not send to the other. Point to the right database; or, when this database is to carry on for those agents from now on, run storeward-cloud adopt",
  },
});

/** The database's ledger; undefined in a new one. */
export async function ledgerOf(sql: Sql): Promise<string | undefined> {
  const [row] = await sql.query<{ id: string }>("SELECT id FROM ledger");
  return row?.id;
}

/** A new database takes the configuration's ledger; any other must have it already, else LEDGER_DIFFERS. */
export async function claimLedger(db: Database, ledger: string): Promise<void> {
  await db.query("INSERT INTO ledger (id) VALUES ($1) ON CONFLICT DO NOTHING", [ledger]);
  const found = await ledgerOf(db);
  if (found !== undefined && found !== ledger) throw E.LEDGER_DIFFERS({ found, ledger });
}

/** Makes the database carry on as this ledger. Returns the one it was. */
export async function adoptLedger(db: Database, ledger: string): Promise<string | undefined> {
  return db.transaction(async (tx) => {
    const found = await ledgerOf(tx);
    await tx.query(
      "INSERT INTO ledger (id) VALUES ($1) ON CONFLICT (singleton) DO UPDATE SET id = excluded.id, since = now()",
      [ledger],
    );
    return found;
  });
}
