import type { Sql } from "../database/index.js";
import type { AuditEntry, AuditSource } from "./types.js";

/** What the service does by itself. */
export const SYSTEM: AuditSource = { actor: "system", ip: null, requestId: null };

/** Writes one line into the audit, in the transaction of what it tells of. */
export async function audit(tx: Sql, entry: AuditEntry): Promise<void> {
  await tx.query(
    "insert into audit_entry (actor, action, subject, detail, ip, request_id) values ($1, $2, $3, $4, $5, $6)",
    [entry.actor, entry.action, entry.subject, JSON.stringify(entry.detail ?? {}), entry.ip, entry.requestId],
  );
}
