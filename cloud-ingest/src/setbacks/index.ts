export { Retaker } from "./retaker.js";
export { routes } from "./routes.js";
