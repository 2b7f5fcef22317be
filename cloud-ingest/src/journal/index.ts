export { Abreast } from "./abreast.js";
export {
  attachDay,
  type DayTable,
  daysOf,
  detachDay,
  detachedName,
  dropDay,
  makeDaysAhead,
  makeLooseDay,
} from "./day-tables.js";
export { dayOf, dayTable, nextDay } from "./days.js";
export { asideBefore, behindEdge } from "./edge.js";
export { GiveWay } from "./give-way.js";
export {
  ACTS_PARTITION,
  CLOUD_AGENT,
  createLog,
  Journal,
  type NewJournalRow,
  type Packing,
  type PlainLog,
  recordedAtOf,
} from "./journal.js";
export { askRetry, giveUp, type ParkedGroup, parkedGroups } from "./parked.js";
export { ParkedRetrier } from "./parked-retrier.js";
export { type ClampedDate, clampedDate } from "./redating.js";
export { FollowerRunner } from "./runner.js";
export { logTables, migrations } from "./tables.js";
export type {
  Act,
  Follower,
  JournalLog,
  JournalRow,
  Log,
  LogRow,
  RecordedObservation,
  Redated,
  RedatedRow,
  SeqRange,
  Told,
} from "./types.js";
