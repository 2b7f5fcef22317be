export { audit, auditAll, SYSTEM } from "./audit.js";
export { migrations } from "./migrations.js";
export { routes } from "./routes.js";
export type { AuditSource } from "./types.js";
