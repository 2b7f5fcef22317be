export { ActingJournal } from "./acting-journal.js";
export { migrations } from "./migrations.js";
export { routes } from "./routes.js";
export { SourceIntake } from "./source-intake.js";
