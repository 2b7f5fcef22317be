export { ackOf, isAnotherLife, readAsked, rejectOf } from "./asked.js";
export { type CommitDeps, commitPieces } from "./commit.js";
export { readCursors } from "./cursor.js";
export { Intake } from "./intake.js";
export { adoptLedger, claimLedger } from "./ledger.js";
export {
  type QuarantinedAt,
  type QuarantinedRow,
  quarantined,
  quarantinedRow,
  quarantineReasons,
} from "./quarantine.js";
export { Redater } from "./redater.js";
export { Release } from "./release.js";
export { type RetakeDeps, type Retaken, retake } from "./retake.js";
export { isStorable, storable } from "./storable.js";
export type { Submission } from "./submission.js";
export { migrations } from "./tables.js";
