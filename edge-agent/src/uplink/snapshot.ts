import {
  type CoverageState,
  MAX_SNAPSHOT_BYTES,
  MAX_SNAPSHOT_PARTS,
  type Snapshot,
  type SnapshotReadPoint,
} from "@storeward/contracts";
import type { StoredPresence } from "../journal/journal.js";

/** Whether a read point looks now. */
export interface ReadPointNow {
  readonly readPoint: string;
  readonly state: CoverageState;
}

export interface SnapshotOf extends Pick<Snapshot, "agent" | "session" | "snapshot" | "asOf"> {
  readonly coverage: readonly ReadPointNow[];
  readonly presences: readonly Pick<StoredPresence, "readPoint" | "epc">[];
}

/** Room for the envelope, with a long name of the agent and every number at its longest. */
const ENVELOPE_BYTES = 512;
const READ_POINT_BYTES = 100;
/** Quotes and comma of an EPC in JSON. */
const EPC_BYTES = 3;
/** Of the contract: tags of one read point in one part. */
const MAX_TAGS = 4_000;
const MAX_READ_POINTS = 256;

/** The parts of a snapshot, each at most 64 KiB of ASCII; none where it would be more than the cloud takes. */
export function snapshotTexts({ coverage, presences, ...envelope }: SnapshotOf): string[] {
  const parts = splitUp(coverage, presences);
  if (parts.length > MAX_SNAPSHOT_PARTS) return [];
  return parts.map((readPoints, i) => {
    const part: Snapshot = { v: 1, ...envelope, part: i + 1, parts: parts.length, readPoints };
    return JSON.stringify(part);
  });
}

function splitUp(coverage: SnapshotOf["coverage"], presences: SnapshotOf["presences"]): SnapshotReadPoint[][] {
  const tags = new Map<string, string[]>(coverage.map(({ readPoint }) => [readPoint, []]));
  for (const { readPoint, epc } of presences) tags.get(readPoint)?.push(epc);
  let part: SnapshotReadPoint[] = [];
  const parts = [part];
  let left = MAX_SNAPSHOT_BYTES - ENVELOPE_BYTES;
  const begin = (readPoint: string, state: CoverageState): SnapshotReadPoint => {
    if (left < READ_POINT_BYTES || part.length === MAX_READ_POINTS) {
      part = [];
      parts.push(part);
      left = MAX_SNAPSHOT_BYTES - ENVELOPE_BYTES;
    }
    left -= READ_POINT_BYTES;
    const begun = { readPoint, state, tags: [] };
    part.push(begun);
    return begun;
  };
  for (const { readPoint, state } of coverage) {
    let at = begin(readPoint, state);
    for (const epc of tags.get(readPoint) ?? []) {
      const bytes = epc.length + EPC_BYTES;
      if (left < bytes || at.tags.length === MAX_TAGS) {
        left = 0;
        at = begin(readPoint, state);
      }
      left -= bytes;
      at.tags.push(epc);
    }
  }
  return parts;
}
