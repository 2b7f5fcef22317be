import { partitionOf } from "@storeward/contracts";
import type { Clock } from "@storeward/runtime";
import { createLog, type PlainLog } from "../journal/index.js";
import { SHARDS } from "./migrations.js";
import type { Sighting } from "./sighting.js";

/** A sighting that counts for an item, or no longer does. */
export interface EvidenceBody extends Sighting {
  readonly item: string;
  /** The tag was not on this item after all. */
  readonly withdrawn?: true;
}

/** The log between the journal, which is in order by agent, and the locations, which are in order by item. */
export function createEvidenceLog(clock?: Clock): PlainLog<EvidenceBody> {
  return createLog<EvidenceBody>({
    table: "evidence",
    headTable: "evidence_head",
    partitions: SHARDS,
    ...(clock === undefined ? {} : { clock }),
  });
}

export function shardOf(item: string): number {
  return partitionOf(item) % SHARDS;
}
