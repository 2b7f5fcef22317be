import type { Clock } from "@storeward/runtime";
import { createLog, type PlainLog } from "../journal/index.js";
import type { EvidenceKey } from "./fold/evidence.js";
import { SHARDS } from "./migrations.js";
import type { StayChange } from "./settle.js";

/** What those who keep books follow: a stay that has settled, ended, or turned out otherwise. */
export interface StayChangeBody {
  readonly item: string;
  readonly stay: string;
  /** Counts up from 1 with every word on this stay; a later one replaces the earlier. */
  readonly revision: number;
  /** open may already have an end; retract: it never was, `place` to `p` are what had been told. */
  readonly op: StayChange["op"];
  readonly place: string;
  /** Milliseconds since 1970. */
  readonly from: number;
  readonly to: number | null;
  readonly p: number;
  /** The observation that opened it. */
  readonly cause: EvidenceKey;
}

export function createStayChangeLog(clock?: Clock): PlainLog<StayChangeBody> {
  return createLog<StayChangeBody>({
    table: "stay_change",
    headTable: "stay_change_head",
    partitions: SHARDS,
    ...(clock === undefined ? {} : { clock }),
  });
}
