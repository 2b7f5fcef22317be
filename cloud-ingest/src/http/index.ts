export { SESSION_COOKIE, sourceOf } from "./source.js";
export type { Authenticator, RequiredRole, Routes } from "./types.js";
