export { type ArrayType, arrayOf } from "./arrays.js";
export { hasDatabase } from "./embedded/placement.js";
export { ordinaryLimits } from "./limits.js";
export { type Maintenance, openForMaintenance } from "./maintenance.js";
export { installSchema, migrate } from "./migrate.js";
export { connectionName, openDatabase, type ServiceDatabase } from "./open.js";
export { codeOf, isTransient, tookTooLong } from "./pg-errors.js";
export type { Database, Migration, Sql, Transaction } from "./types.js";
