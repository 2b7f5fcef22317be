import { type Static, Type } from "typebox";
import { Chain, Code, RandomId, Timestamp } from "./identity.js";
import { Instant } from "./observation.js";
import { ConfigRefusal } from "./remote-config.js";
import { closed, RowSeq, Seq } from "./shapes.js";

/*
 * What travels between an agent and the cloud (journals.md, "Edge to cloud"). The envelopes are frozen as `v: 1`.
 *
 * On `…/batch` an agent publishes a `hello`, a `batch` or an `opaque`, all as lines of UTF-8 separated by LF: the first line is the
 * envelope, every further line is the body of one row, byte for byte as it was journaled and hashed. JSON text holds no raw LF, so a
 * body is never cut, and the cloud checks the chain over the very bytes the agent hashed.
 */

export const ENVELOPE_VERSION = 1;
/**
 * Largest batch payload an agent sends, bytes: one body of the largest size with its envelope, and little enough that a slow line has it
 * through within the time of a resend. (Agents of earlier releases send up to 128 KiB; the broker's guard is 256 KiB a packet.)
 */
export const MAX_BATCH_BYTES = 64 * 1024;
export const MAX_BATCH_ROWS = 256;
/** Largest row body as it is first journaled, bytes. */
export const MAX_BODY_BYTES = 48 * 1024;
/** Largest row body with the `origin` of a copy: a row at the limit can still be carried into a new epoch. */
export const MAX_COPY_BYTES = MAX_BODY_BYTES + 128;
/** Ranges of `lost` in one batch. */
export const MAX_BATCH_LOST = 64;
export const MAX_PACKET_BYTES = 256 * 1024;
/** How often an agent with nothing to say sends an empty batch, so that its `through` moves on. */
export const THROUGH_EVERY_MS = 15_000;

const v = Type.Literal(ENVELOPE_VERSION);

/** One epoch that the agent still keeps rows of. `oldest` is the first row kept (head + 1 when none is). */
export const KeptEpoch = closed({
  epoch: RandomId,
  head: Seq,
  headChain: Chain,
  oldest: Seq,
  acked: Seq,
  ackedChain: Chain,
});
export type KeptEpoch = Static<typeof KeptEpoch>;

/** First on every connection. The cloud answers one `ack` an epoch. */
export const Hello = closed({
  v,
  kind: Type.Literal("hello"),
  agent: Code,
  /** Random, new with every connection: an ack for another session counts for nothing. */
  session: RandomId,
  boot: RandomId,
  at: Instant,
  hardware: Type.String({ maxLength: 200 }),
  software: Type.String({ maxLength: 60 }),
  /** The ledger the agent has pinned; absent before the first enrolment. */
  ledger: Type.Optional(RandomId),
  /** The oldest first; the last is the one being written. */
  epochs: Type.Array(KeptEpoch, { minItems: 1, maxItems: 32 }),
});
export type Hello = Static<typeof Hello>;

/** Rows that are gone for good. `chain` is the chain at `to`, kept by the tombstone, so that what follows can be checked. */
export const Lost = closed({
  from: Seq,
  to: Seq,
  chain: Chain,
  why: Type.String({ maxLength: 200 }),
  types: Type.Record(Type.String({ maxLength: 20 }), Type.Integer({ minimum: 1 })),
});
export type Lost = Static<typeof Lost>;

/**
 * Covers `[first, last]` exactly: the rows that follow and the `lost` ranges, in order of seq. `prev` is the chain before `first`.
 * An empty one has `last = first - 1`. Everything observed up to `through` is at or before `last`.
 */
export const Batch = closed({
  v,
  kind: Type.Literal("batch"),
  agent: Code,
  session: RandomId,
  epoch: RandomId,
  first: RowSeq,
  last: Seq,
  prev: Chain,
  lost: Type.Array(Lost, { maxItems: MAX_BATCH_LOST }),
  through: Instant,
});
export type Batch = Static<typeof Batch>;

/**
 * One row whose batch the cloud could not read, sent as base64 of its body. It takes its place in the sequence; the cloud puts the body
 * into quarantine.
 */
export const Opaque = closed({
  v,
  kind: Type.Literal("opaque"),
  agent: Code,
  session: RandomId,
  epoch: RandomId,
  seq: RowSeq,
  prev: Chain,
  body: Type.String({ maxLength: MAX_PACKET_BYTES }),
});
export type Opaque = Static<typeof Opaque>;

export const Upward = Type.Union([Hello, Batch, Opaque]);
export type Upward = Static<typeof Upward>;

/** The cloud's word on an epoch, after its commit: see journals.md. */
export const Ack = closed({
  v,
  kind: Type.Literal("ack"),
  ledger: RandomId,
  session: RandomId,
  epoch: RandomId,
  committed: Seq,
  chain: Chain,
  released: Seq,
  /** Bytes of batches that may be outstanding. */
  credit: Type.Integer({ minimum: 0 }),
  /** The cloud's clock when it sent this. */
  utc: Timestamp,
});
export type Ack = Static<typeof Ack>;

/** An envelope the cloud could not read. `hash` is the first 8 bytes of SHA-256 of the payload: which one is meant. */
export const Reject = closed({
  v,
  kind: Type.Literal("reject"),
  ledger: RandomId,
  code: Type.String({ maxLength: 60 }),
  detail: Type.String({ maxLength: 500 }),
  hash: Chain,
});
export type Reject = Static<typeof Reject>;

export const Downward = Type.Union([Ack, Reject]);
export type Downward = Static<typeof Downward>;

/** Retained on `…/status`; the last will says offline. */
export const AgentStatus = closed({
  v,
  state: Type.Enum(["online", "offline"]),
  session: RandomId,
  boot: RandomId,
  config: Type.Integer({ minimum: 0 }),
  software: Type.String({ maxLength: 60 }),
  /** A configuration of the cloud that does not hold here. */
  refused: Type.Optional(ConfigRefusal),
});
export type AgentStatus = Static<typeof AgentStatus>;

/** The lines of a `…/batch` payload. */
export function encodeUpward(envelope: Upward, bodies: readonly string[] = []): string {
  return [JSON.stringify(envelope), ...bodies].join("\n");
}

/** Envelope text and row bodies of a `…/batch` payload, unparsed. */
export function splitUpward(payload: string): { envelope: string; bodies: string[] } {
  const [envelope = "", ...bodies] = payload.split("\n");
  return { envelope, bodies };
}
