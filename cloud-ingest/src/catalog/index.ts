export { ItemBook } from "./item-book.js";
export { migrations } from "./migrations.js";
export { routes } from "./routes.js";
export { Troubles } from "./troubles.js";
