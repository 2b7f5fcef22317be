export * from "./chain.js";
export * from "./cli.js";
export * from "./clock.js";
export * from "./config.js";
export { configHelp } from "./config-help.js";
export {
  AGENT_CRASH_POINTS,
  ALERT_CRASH_POINTS,
  CLOUD_CRASH_POINTS,
  crashAt,
  crashPoint,
  FORK_CRASH_POINTS,
  SALVAGE_CRASH_POINTS,
} from "./crash-point.js";
export { type DataFolderLock, lockDataFolder } from "./data-folder.js";
export * from "./errors.js";
export * from "./lifecycle.js";
export * from "./listen.js";
export * from "./log.js";
export * from "./manual-clock.js";
export * from "./queue.js";
export * from "./random.js";
export { Recurring } from "./recurring.js";
export * from "./retry.js";
export * from "./run-process.js";
export * from "./secret.js";
export * from "./signing.js";
export * from "./validate.js";
