export { DaySeries } from "./day-series.js";
export { type DayTable, daysOf, dropDay, makeDaysAhead } from "./day-tables.js";
export {
  CLOUD_AGENT,
  createLog,
  Journal,
  journalLog,
  type NewJournalRow,
  type PlainLog,
  type PlainLogOptions,
} from "./journal.js";
export { FollowerRunner, type FollowerRunnerOptions } from "./runner.js";
export { type LogTables, logTables, migrations } from "./tables.js";
export type { Act, Follower, JournalRow, Log, LogRow, RecordedObservation } from "./types.js";
