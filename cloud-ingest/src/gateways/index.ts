export { Coverage, type ReadPointCoverage } from "./coverage.js";
export { CoverageFollower } from "./coverage-follower.js";
export { Gateways, type GatewaysOptions } from "./gateways.js";
export { routes } from "./routes.js";
export { migrations } from "./tables.js";
