export { migrations } from "./migrations.js";
export { Places } from "./places.js";
export { routes } from "./routes.js";
export type { PlaceDirectory, PlaceHistory } from "./types.js";
