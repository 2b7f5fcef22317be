export { Intake, type IntakeOptions } from "./intake.js";
export { adoptLedger, claimLedger, ledgerOf } from "./ledger.js";
export { Release } from "./release.js";
export { storable } from "./setbacks.js";
export { migrations } from "./tables.js";
