export { LiveHub } from "./hub.js";
export { migrations } from "./migrations.js";
export { routes } from "./routes.js";
