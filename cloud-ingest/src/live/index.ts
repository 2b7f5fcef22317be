export { LiveHub, type LiveHubOptions } from "./hub.js";
export { migrations } from "./migrations.js";
export { routes } from "./routes.js";
export type { LiveFeed } from "./types.js";
