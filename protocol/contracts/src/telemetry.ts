import { type Static, Type } from "typebox";
import { CommandAnswer } from "./command.js";
import { Code, RandomId } from "./identity.js";
import { CoverageState, Instant } from "./observation.js";
import { AntennaNumber, Count, closed } from "./shapes.js";

export const ReaderState = Type.Enum(["connecting", "watching", "blind", "stopped"]);
export type ReaderState = Static<typeof ReaderState>;

/** One antenna since the last telemetry. */
export const AntennaTelemetry = closed({
  antenna: AntennaNumber,
  readPoint: Code,
  state: CoverageState,
  reads: Count,
  tags: Type.Integer({ minimum: 0, description: "different tags read" }),
  lastRead: Type.Optional(Type.Number({ description: "mono milliseconds" })),
  power: Type.Optional(Type.Number({ description: "dBm" })),
  rssiMean: Type.Optional(Type.Number({ description: "dBm, over the reads" })),
  rssiMax: Type.Optional(Type.Number({ description: "dBm, over the reads" })),
  error: Type.Optional(Type.String({ maxLength: 200 })),
});
export type AntennaTelemetry = Static<typeof AntennaTelemetry>;

export const ReaderTelemetry = closed({
  reader: Code,
  driver: Type.String({ maxLength: 40 }),
  state: ReaderState,
  since: Type.Number({ description: "mono milliseconds" }),
  model: Type.Optional(Type.String({ maxLength: 120 })),
  firmware: Type.Optional(Type.String({ maxLength: 120 })),
  error: Type.Optional(Type.String({ maxLength: 500 })),
  battery: Type.Optional(Type.Integer({ minimum: 0, maximum: 100, description: "charge of a reader that has one, %" })),
  clockOffsetMs: Type.Optional(
    Type.Number({ description: "how far the reader's own clock is ahead of the device's; nothing is dated by it" }),
  ),
  antennas: Type.Array(AntennaTelemetry, { maxItems: 64 }),
  /** What went wrong on the link, by name: reconnects, badFrames, unknownMessages, lineTooLong, … */
  counters: Type.Record(Type.String({ maxLength: 40 }), Count),
});
export type ReaderTelemetry = Static<typeof ReaderTelemetry>;

/** Something about the device that somebody must look at now, by its error code. */
export const DeviceProblem = closed({ code: Type.String({ maxLength: 60 }), text: Type.String({ maxLength: 500 }) });
export type DeviceProblem = Static<typeof DeviceProblem>;

/** On `…/telemetry` every 10 s: health of the device. Latest wins, kept 7 days. */
export const Telemetry = closed({
  v: Type.Literal(1),
  agent: Code,
  session: RandomId,
  at: Instant,
  readers: Type.Array(ReaderTelemetry, { maxItems: 64 }),
  journal: closed({
    epoch: RandomId,
    head: Count,
    acked: Count,
    released: Count,
    oldest: Count,
    bytes: Count,
    maxBytes: Count,
    full: Type.Boolean(),
    refused: Count,
  }),
  uplink: closed({ outstandingBytes: Count, credit: Count, resends: Count, rejects: Count, reconnects: Count }),
  /**
   * Reads that are counted and never stored: of tags that the EPC filter does not include or that it excludes, of persons, and of more tags
   * than are followed at once.
   */
  filtered: closed({
    foreign: Count,
    persons: Count,
    excluded: Type.Optional(Count),
    crowded: Type.Optional(Count),
  }),
  /** Absent while all is well. */
  problems: Type.Optional(Type.Array(DeviceProblem, { maxItems: 16 })),
  /** Of commands, each in one telemetry. */
  answers: Type.Optional(Type.Array(CommandAnswer, { maxItems: 8 })),
  host: closed({ uptimeSeconds: Type.Number(), rssBytes: Count, freeDiskBytes: Type.Optional(Type.Number()) }),
});
export type Telemetry = Static<typeof Telemetry>;
