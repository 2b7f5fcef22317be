export { EmbeddedSeries } from "./embedded.js";
export { ArrivalsFollower, SeriesFollower } from "./followers.js";
export { migrations } from "./migrations.js";
export { routes } from "./routes.js";
export type { TimeSeries } from "./types.js";
export { SeriesWriter } from "./writer.js";
