export { createFilter } from "./create-filter.js";
export type { Filter, FilterOptions } from "./filter.js";
