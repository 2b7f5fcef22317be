export { TagActs, type TagActsDeps } from "./acts.js";
export { bindingsOf } from "./bindings.js";
export { epcUri } from "./epc-uri.js";
export { KnownAssignments } from "./known-assignments.js";
export { migrations } from "./migrations.js";
export { routes } from "./routes.js";
export { Tags } from "./tags.js";
export type { TagAssignments, TaggableItems, TagRegister, TagSpell } from "./types.js";
