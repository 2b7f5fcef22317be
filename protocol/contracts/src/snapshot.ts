import { type Static, Type } from "typebox";
import { Code, EpcHex, RandomId } from "./identity.js";
import { CoverageState, Instant } from "./observation.js";
import { closed, Seq } from "./shapes.js";

/** Largest part of a snapshot, bytes. */
export const MAX_SNAPSHOT_BYTES = 64 * 1024;
/** Parts of one snapshot: 50,000 tags of 96 bits are some fifty. */
export const MAX_SNAPSHOT_PARTS = 256;
/** How often an agent that is behind says anew what it sees now. */
export const SNAPSHOT_EVERY_MS = 30_000;

/** What one read point sees now. A read point with more tags than fit stands in several parts, its tags in one of them each. */
export const SnapshotReadPoint = closed({
  readPoint: Code,
  state: CoverageState,
  tags: Type.Array(EpcHex, { maxItems: 4_000 }),
});
export type SnapshotReadPoint = Static<typeof SnapshotReadPoint>;

/**
 * On `…/snapshot`, on connect and while the journal is behind: the present, beside the past that is still on its way (journals.md, "Present
 * before past"). Latest wins; it is never journaled and moves nothing. It stands for the journal of `epoch` up to `seq`: once that is
 * committed it says nothing new.
 */
export const Snapshot = closed({
  v: Type.Literal(1),
  agent: Code,
  session: RandomId,
  /** Names the parts that belong together. */
  snapshot: RandomId,
  part: Type.Integer({ minimum: 1, maximum: MAX_SNAPSHOT_PARTS }),
  parts: Type.Integer({ minimum: 1, maximum: MAX_SNAPSHOT_PARTS }),
  asOf: closed({ epoch: RandomId, seq: Seq, at: Instant }),
  readPoints: Type.Array(SnapshotReadPoint, { maxItems: 256 }),
});
export type Snapshot = Static<typeof Snapshot>;
