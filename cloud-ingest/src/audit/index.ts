export { audit, SYSTEM } from "./audit.js";
export { migrations } from "./migrations.js";
export type { AuditEntry, AuditSource } from "./types.js";
