export * from "./agent-config.js";
export * from "./alerts.js";
export * from "./antenna-map.js";
export * from "./api.js";
export * from "./api-access.js";
export * from "./api-alerts.js";
export * from "./api-devices.js";
export * from "./api-evidence.js";
export * from "./api-items.js";
export * from "./api-live.js";
export * from "./api-processes.js";
export * from "./api-series.js";
export * from "./api-setbacks.js";
export * from "./api-sources.js";
export * from "./chaos.js";
export * from "./cloud-config.js";
export * from "./command.js";
export * from "./delivery.js";
export * from "./identity.js";
export {
  checkLlrpCallers,
  checkLlrpReader,
  type LlrpContent,
  type LlrpReading,
  type LlrpRoleReading,
  llrpPort,
} from "./llrp-reader.js";
export * from "./observation.js";
export * from "./reader-link.js";
export * from "./remote-config.js";
export * from "./series.js";
export * from "./signed.js";
export * from "./simulation.js";
export * from "./site.js";
export * from "./site-check.js";
export * from "./snapshot.js";
export * from "./telemetry.js";
export * from "./topics.js";
export * from "./zebra-topics.js";
export * from "./zones.js";
