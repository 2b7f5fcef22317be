export { Access } from "./access.js";
export { migrations } from "./migrations.js";
export { type AccessRoutesDeps, routes } from "./routes.js";
