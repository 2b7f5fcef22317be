export { migrations } from "./migrations.js";
export { Places } from "./places.js";
export { type PlaceRoutesDeps, routes } from "./routes.js";
export type { SyncResult } from "./sync.js";
export type { DirectoryPlace, DirectoryReadPoint, PlaceDirectory } from "./types.js";
