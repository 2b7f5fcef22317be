export { DaySeries } from "./day-series.js";
export { type DayTable, daysOf, detachDay, dropDay, makeDaysAhead } from "./day-tables.js";
export { dayOf, dayTable, nextDay } from "./days.js";
export { behindEdge } from "./edge.js";
export {
  ACTS_PARTITION,
  createLog,
  Journal,
  type NewJournalRow,
  type PlainLog,
} from "./journal.js";
export { FollowerRunner } from "./runner.js";
export { logTables, migrations } from "./tables.js";
export type { Act, Follower, JournalRow, Log, LogRow, RecordedObservation } from "./types.js";
