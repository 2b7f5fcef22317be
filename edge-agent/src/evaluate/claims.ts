import type { EpcFilter, Reader, ReadPoint } from "@storeward/contracts";
import type { ReaderEvent } from "../readers/driver.js";

export type Direction = "in" | "out";

/** A tag has crossed a portal. Times are milliseconds. */
export interface Passage {
  readonly type: "passed";
  readonly epc: string;
  readonly readPoint: string;
  /** `in` is from the outside to the inside. */
  readonly direction: Direction;
  /** When it was between the antennas. */
  readonly at: number;
}

/** A tag is on a shelf from `at` on, or is there no more. */
export interface Presence {
  readonly type: "present" | "absent";
  readonly epc: string;
  readonly readPoint: string;
  readonly at: number;
}

/** What a method tells, and when it told it. */
export type Claim = (Presence | Passage) & { readonly told: number };

/** What is true. */
export type Fact = Presence | Passage;

/** The antennas that a method hears, and what they are for. */
export interface Ground {
  /** One device for each `agent` of them. */
  readonly readers: readonly Reader[];
  readonly readPoints: readonly ReadPoint[];
  readonly epcFilter?: EpcFilter | undefined;
  /** Time of the first event, ms. */
  readonly startsAt: number;
}

/** Makes presence and passages of what readers tell. All methods get the same events in the same order. */
export interface Method {
  readonly name: string;
  handle(reader: string, event: ReaderEvent): Claim[];
  /** Time has passed until `now`; at least four times a second. */
  tick(now: number): Claim[];
}
