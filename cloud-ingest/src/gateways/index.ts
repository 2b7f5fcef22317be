export { Coverage } from "./coverage.js";
export { CoverageFollower } from "./coverage-follower.js";
export { Gateways } from "./gateways.js";
export { routes } from "./routes.js";
export { migrations } from "./tables.js";
