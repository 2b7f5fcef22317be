import { type Static, Type } from "typebox";
import { PlaceRef } from "./api.js";
import { Next } from "./api-shapes.js";
import { Code, Timestamp } from "./identity.js";
import { Direction, OBSERVATION_TYPES } from "./observation.js";
import { Count, closed, nullable, Probability } from "./shapes.js";

/* Where a thing has been, and what that rests on. */

/** The address of one observation: what anything Storeward says rests on. */
export const ObservationRef = closed({
  agent: Code,
  epoch: Type.String(),
  seq: Type.Integer({ minimum: 0 }),
  type: Type.Enum([...OBSERVATION_TYPES, "act"]),
  readPoint: nullable(Code),
  observedAt: Timestamp,
});
export type ObservationRef = Static<typeof ObservationRef>;

/** What was said of a stay at some time. */
const Said = { place: nullable(PlaceRef), from: Timestamp, to: nullable(Timestamp) };
export const Correction = closed({
  /** When it was corrected. */
  recordedAt: Timestamp,
  was: closed(Said),
});
export type Correction = Static<typeof Correction>;
export const Stay = closed({
  ...Said,
  recordedAt: Timestamp,
  confidence: Probability,
  observations: Type.Array(ObservationRef),
  /** How often something was told of it to those who keep books; 0: it has not settled yet. */
  revision: Count,
  /** What had been told and was not so, oldest first. */
  corrections: Type.Array(Correction),
});
export type Stay = Static<typeof Stay>;
/** A stay that was told and turned out never to have been. */
export const RetractedStay = closed({ ...Said, toldAt: Timestamp, retractedAt: Timestamp });
export type RetractedStay = Static<typeof RetractedStay>;
export const StayPage = closed({
  stays: Type.Array(Stay),
  /** Those of the time that this page covers; none with `asOf`. */
  retracted: Type.Array(RetractedStay),
  next: Next,
});
export type StayPage = Static<typeof StayPage>;

/** What an observation says of an item, in words of the evidence; fields that do not belong to it are absent. */
export const EvidenceStep = closed({
  ...ObservationRef.properties,
  /** When it happened; null for `recordedAt`: the row is kept no more. */
  at: Timestamp,
  recordedAt: nullable(Timestamp),
  says: Type.Enum(["present", "gone", "missed", "crossed", "near"]),
  rounds: Type.Optional(Type.Number()),
  reads: Type.Optional(Type.Number()),
  rssi: Type.Optional(nullable(Type.Number())),
  completeness: Type.Optional(Type.Number()),
  direction: Type.Optional(Direction),
  /** Of a passage: how sure the door was. */
  p: Type.Optional(Probability),
  /** How sure the place of this answer was before it and after it; 0 while the item was thought elsewhere. */
  before: Probability,
  after: Probability,
  /** Where it was thought to be after it. */
  place: nullable(PlaceRef),
});
export type EvidenceStep = Static<typeof EvidenceStep>;

/** `GET /items/{id}/evidence?at=`: what the answer rests on, as known today. */
export const ItemEvidence = closed({
  at: Timestamp,
  place: nullable(PlaceRef),
  since: nullable(Timestamp),
  seenAt: nullable(Timestamp),
  /** By the evidence alone. */
  p: Probability,
  /** What blindness since has left of it; null for a moment in the past. */
  confidence: nullable(Probability),
  /** What watches the place, and for how long it did not between `seenAt` and `at`. */
  watchers: Type.Array(closed({ readPoint: Code, blindSeconds: Type.Number({ minimum: 0 }) })),
  blindSeconds: Type.Number({ minimum: 0, description: "the longest of them" }),
  /** The latest first; what opened the stay is always among them. */
  evidence: Type.Array(EvidenceStep),
  /** There is more than is shown. */
  more: Type.Boolean(),
});
export type ItemEvidence = Static<typeof ItemEvidence>;
