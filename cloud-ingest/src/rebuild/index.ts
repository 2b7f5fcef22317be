export { hasCheckpointAfter, writeCheckpoint } from "./checkpoints.js";
export { describeDifference } from "./differences.js";
export { migrations } from "./migrations.js";
export { type RebuildResult, rebuild } from "./rebuild.js";
export { SHADOW_PATH } from "./shadow.js";
