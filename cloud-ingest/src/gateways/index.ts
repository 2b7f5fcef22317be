import { migrations as deviceMigrations } from "./device/tables.js";
import { migrations as gatewayMigrations } from "./tables.js";

export { Coverage } from "./coverage.js";
export { CoverageFollower } from "./coverage-follower.js";
export { DeviceCommands } from "./device/commands.js";
export { Configurations } from "./device/configurations.js";
export { deviceRoutes } from "./device/routes.js";
export { Signer } from "./device/signer.js";
export { Gateways } from "./gateways.js";
export { routes } from "./routes.js";
export { createTelemetryLog, type TelemetrySample } from "./telemetry-log.js";
export const migrations = [...gatewayMigrations, ...deviceMigrations];
