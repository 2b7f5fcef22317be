export { inWords, Leases } from "./leases.js";
export { routes } from "./routes.js";
export { migrations } from "./tables.js";
