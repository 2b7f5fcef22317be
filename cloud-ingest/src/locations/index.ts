export { EvidenceFollower } from "./evidence-follower.js";
export { createEvidenceLog, evidenceOfRow, type StoredEvidence } from "./evidence-log.js";
export { agentInState } from "./fold/packing.js";
export { Forgetter } from "./forget.js";
export { LocationsFollower } from "./locations-follower.js";
export { migrations } from "./migrations.js";
export { Preliminary } from "./preliminary/preliminary.js";
export { routes } from "./routes.js";
export { Settler } from "./settler.js";
export { createStayChangeLog, type StayChangeBody } from "./stay-change.js";
export type {
  AgentsThrough,
  ItemCard,
  ItemCards,
  PlaceWatch,
  PreliminaryPlace,
  PreliminaryPlaces,
  WhereAbouts,
  Whereabout,
  WhereaboutCount,
} from "./types.js";
export { Watch } from "./watch.js";
export { Whereabouts } from "./whereabouts.js";
