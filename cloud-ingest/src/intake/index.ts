export { Intake } from "./intake.js";
export { adoptLedger, claimLedger } from "./ledger.js";
export { Redater } from "./redater.js";
export { Release } from "./release.js";
export { isStorable, storable } from "./storable.js";
export { migrations } from "./tables.js";
