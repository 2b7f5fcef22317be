export { Access } from "./access.js";
export { migrations } from "./migrations.js";
export { routes } from "./routes.js";
