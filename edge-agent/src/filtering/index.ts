export { createFilter } from "./create-filter.js";
export type { Filter } from "./filter.js";
