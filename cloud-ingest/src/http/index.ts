export { cursorReader, encodeCursor } from "./cursor.js";
export type { HealthCheck } from "./health.js";
export { createHttp, type HttpOptions, HttpServer } from "./server.js";
export type { Simulation } from "./simulation.js";
export { SESSION_COOKIE, sourceOf } from "./source.js";
export type { Authenticator, RequiredRole, Routes } from "./types.js";
