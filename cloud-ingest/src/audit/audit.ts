import type { Sql } from "../database/index.js";
import type { AuditEntry, AuditSource } from "./types.js";

/** What the service does by itself. */
export const SYSTEM: AuditSource = { actor: "system", ip: null, requestId: null };

/** Writes one line into the audit, in the transaction of what it tells of. */
export async function audit(tx: Sql, entry: AuditEntry): Promise<void> {
  await auditAll(tx, [entry]);
}

/** Writes lines in their order. */
export async function auditAll(tx: Sql, entries: readonly AuditEntry[]): Promise<void> {
  if (entries.length === 0) return;
  await tx.query(
    `insert into audit_entry (actor, action, subject, detail, ip, request_id)
     select actor, action, subject, detail, ip, request_id
     from unnest($1::text[], $2::text[], $3::text[], $4::jsonb[], $5::text[], $6::text[])
       with ordinality x (actor, action, subject, detail, ip, request_id, n) order by n`,
    [
      entries.map(({ actor }) => actor),
      entries.map(({ action }) => action),
      entries.map(({ subject }) => subject),
      entries.map(({ detail }) => JSON.stringify(detail ?? {})),
      entries.map(({ ip }) => ip),
      entries.map(({ requestId }) => requestId),
    ],
  );
}
