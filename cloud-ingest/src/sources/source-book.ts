import type { Source } from "@storeward/contracts";
import { randomHex } from "@storeward/runtime";
import { type AuditSource, audit } from "../audit/index.js";
import type { Database, Sql } from "../database/index.js";

interface Row {
  readonly id: string;
  readonly name: string;
  readonly registeredAt: Date;
  readonly registeredBy: string;
  readonly heardAt: Date | null;
  readonly forkedAt: Date | null;
}

const COLUMNS = `id, name, registered_at as "registeredAt", registered_by as "registeredBy", heard_at as "heardAt", forked_at as "forkedAt"`;

/** Gives a phone, or another client, an id for the journal it is to keep. */
export function register(db: Database, name: string, by: AuditSource): Promise<Source> {
  const id = `source-${randomHex(16)}`;
  return db.transaction(async (tx) => {
    const [row] = await tx.query<Row>(
      `insert into journal_source (id, name, registered_at, registered_by) values ($1, $2, now(), $3) returning ${COLUMNS}`,
      [id, name.trim(), by.actor],
    );
    await audit(tx, { ...by, action: "source.registered", subject: `source:${id}`, detail: { name: name.trim() } });
    return shown(row as Row);
  });
}

/** Those that have sent lately first. */
export async function sources(sql: Sql): Promise<Source[]> {
  const rows = await sql.query<Row>(
    `select ${COLUMNS} from journal_source order by coalesce(heard_at, registered_at) desc, id limit 500`,
  );
  return rows.map(shown);
}

/** Notes that a source has sent, and whether its journal was found to have forked. */
export async function heard(sql: Sql, id: string, { forked }: { readonly forked: boolean }): Promise<void> {
  await sql.query(
    "update journal_source set heard_at = now(), forked_at = case when $2 then now() else forked_at end where id = $1",
    [id, forked],
  );
}

export async function isRegistered(sql: Sql, id: string): Promise<boolean> {
  return (await sql.query("select from journal_source where id = $1", [id])).length > 0;
}

function shown({ registeredAt, heardAt, forkedAt, ...rest }: Row): Source {
  return {
    ...rest,
    registeredAt: registeredAt.toISOString(),
    heardAt: heardAt?.toISOString() ?? null,
    forkedAt: forkedAt?.toISOString() ?? null,
  };
}
