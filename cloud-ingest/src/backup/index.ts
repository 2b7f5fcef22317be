export { type BackupResult, backup } from "./backup.js";
export { type RestoreOptions, restore } from "./restore.js";
