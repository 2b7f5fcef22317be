import { type Static, Type } from "typebox";
import { Next, paged } from "./api-shapes.js";
import { Code, Timestamp } from "./identity.js";
import { Count, closed, nullable, RowSeq } from "./shapes.js";

/* What the cloud has put aside, as the API under `/api/v1` speaks of it. */

/** An observation that could not be understood: its place in its agent's sequence, and why. */
export const QuarantinedRow = closed({
  agent: Code,
  epoch: Type.String(),
  seq: Type.Integer({ minimum: 1 }),
  error: Type.String({ description: "by the release that tried last" }),
  recordedAt: Timestamp,
  bytes: Count,
  /** When a later release took it into the journal. */
  retakenAt: nullable(Timestamp),
});
export const QuarantinePage = closed({ rows: Type.Array(QuarantinedRow), next: Next });
export type QuarantinePage = Static<typeof QuarantinePage>;
export const QuarantineQuery = closed({
  agent: Type.Optional(Code),
  /** Also those that were taken in since. */
  retaken: Type.Optional(Type.Boolean()),
  ...paged(50),
});
export const QuarantineRef = closed({
  agent: Code,
  epoch: Type.String({ maxLength: 64 }),
  seq: RowSeq,
});
export const QuarantinedBody = closed({
  ...QuarantinedRow.properties,
  body: Type.String({ description: "the very bytes, in base64" }),
});
export const RetakeResult = closed({ taken: Count, left: Count });

const span = { count: Count, first: Timestamp, last: Timestamp };
/** `GET /setbacks`: the most of each first, at most a hundred. */
export const Setbacks = closed({
  quarantine: Type.Array(closed({ agent: Code, error: Type.String(), ...span })),
  /** Rows of the cloud's own logs that a follower could not handle; `retry` while somebody has asked for it. */
  parked: Type.Array(closed({ follower: Type.String(), error: Type.String(), retry: Type.Boolean(), ...span })),
});
export type Setbacks = Static<typeof Setbacks>;
