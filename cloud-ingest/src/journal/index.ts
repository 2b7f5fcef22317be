export { type DayTable, daysOf, dropDay, makeDaysAhead } from "./day-tables.js";
export {
  createLog,
  Journal,
  type NewJournalRow,
  type PlainLog,
} from "./journal.js";
export { FollowerRunner } from "./runner.js";
export { logTables, migrations } from "./tables.js";
export type { Act, Follower, JournalRow, Log, LogRow, RecordedObservation } from "./types.js";
