export { TagActs, type TagActsDeps } from "./acts.js";
export { bindingsOf } from "./bindings.js";
export { migrations } from "./migrations.js";
export { routes, type TagRoutesDeps } from "./routes.js";
export { Tags } from "./tags.js";
export type {
  ActJournal,
  ReportedTag,
  TagAssignments,
  TaggableItems,
  TagRegister,
  TagSpell,
} from "./types.js";
export { UnknownTagsFollower } from "./unknown-follower.js";
