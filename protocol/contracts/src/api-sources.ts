import { type Static, Type } from "typebox";
import { Ack, Reject } from "./delivery.js";
import { RandomId, SourceId, Timestamp, Uuid } from "./identity.js";
import { Context, TagActKind } from "./observation.js";
import { closed, nullable, RowSeq } from "./shapes.js";

/* Journals that come by the API: phones that were offline for a shift, and other programs (journals.md, "Acts are journaled too"). */

export const NewSource = closed({ name: Type.String({ minLength: 1, maxLength: 100, pattern: "\\S" }) });
export type NewSource = Static<typeof NewSource>;

export const Source = closed({
  id: SourceId,
  name: Type.String(),
  registeredAt: Timestamp,
  registeredBy: Type.String(),
  /** When it has sent last. */
  heardAt: nullable(Timestamp),
  /** When two lives of its journal were last found: a phone restored from a copy, or two with one id. */
  forkedAt: nullable(Timestamp),
});
export type Source = Static<typeof Source>;
export const SourceList = closed({ sources: Type.Array(Source) });
export type SourceList = Static<typeof SourceList>;

/** An act that could not be done: it stays in the journal as it was sent, and here until somebody has decided. */
export const RefusedAct = closed({
  source: SourceId,
  sourceName: Type.String(),
  epoch: RandomId,
  seq: Type.Integer({ minimum: 1 }),
  act: TagActKind,
  /** Null: erased since. */
  epc: nullable(Type.String()),
  item: Uuid,
  /** Null: there is no such item. */
  itemName: nullable(Type.String()),
  /** When it was done. */
  observedAt: Timestamp,
  /** Not null: it is done all the same, as of then, when it was first thought to have been done. */
  standsAt: nullable(Timestamp),
  recordedAt: Timestamp,
  /** Who was signed in as it was sent. */
  actor: Type.String(),
  context: nullable(Context),
  code: Type.String(),
  reason: Type.String(),
});
export type RefusedAct = Static<typeof RefusedAct>;

export const RefusedActList = closed({ acts: Type.Array(RefusedAct), more: Type.Boolean() });
export type RefusedActList = Static<typeof RefusedActList>;
export const RefusedActQuery = closed({ source: Type.Optional(SourceId) });
export const RefusedActRef = closed({
  source: SourceId,
  epoch: RandomId,
  seq: RowSeq,
});

/** `POST /journal`: what the cloud has to say of what was sent, and those of its acts that could not be done. */
export const JournalAnswer = closed({
  answers: Type.Array(Type.Union([Ack, Reject])),
  refused: Type.Array(RefusedAct),
});
export type JournalAnswer = Static<typeof JournalAnswer>;
