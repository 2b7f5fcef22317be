export { ItemBook } from "./item-book.js";
export { migrations } from "./migrations.js";
export { type CatalogRoutesDeps, routes } from "./routes.js";
