import type { CoverageState, EpcFilter, Reader, ReadPoint } from "@storeward/contracts";
import type { Clock, StorewardError } from "@storeward/runtime";
import type { Entry, StoredPresence } from "../journal/journal.js";
import type { ReaderEvent } from "../readers/driver.js";

export interface FilterOptions {
  readonly readers: readonly Reader[];
  readonly readPoints: readonly ReadPoint[];
  /** None, or nothing included: every EPC passes that is not excluded. */
  readonly epcFilter?: EpcFilter | undefined;
  /** Read only while the filter is made, to date `lastAlive`; afterwards time is in the events and in `tick`. */
  readonly clock: Pick<Clock, "wall" | "mono">;
  /** Presence as the journal kept it. */
  readonly stored: readonly StoredPresence[];
  /** When this device was last known alive before this boot, wall milliseconds. */
  readonly lastAlive?: number | undefined;
  /** Why nothing was observed since then. */
  readonly why?: string | undefined;
  /** The boot's random id: names of passes and inventories begin with nothing else, so two boots never give the same. */
  readonly boot: string;
}

/** Reads that are counted and not kept; absent while there are none, but for the first two. */
export interface Filtered {
  /** Of tags that the EPC filter does not include. */
  readonly foreign: number;
  /** Of persons where no read point may store them. */
  readonly persons: number;
  /** Of tags that the EPC filter excludes. */
  readonly excluded?: number;
  /** Of more tags than are followed at once. */
  readonly crowded?: number;
}

/**
 * Turns what the drivers tell into observations. Pure: time is in the events and in `tick`. All times are mono milliseconds.
 *
 * Entries are in the order in which they are to be journaled. Every observation's own times are at or before the moment of the
 * event or tick that gave it.
 */
export interface Filter {
  /** What a reader told. An event of a reader or antenna that no read point uses gives nothing. */
  handle(reader: string, event: ReaderEvent): Entry[];
  /** Decides what time alone decides: passes that are over, tags gone, silence. */
  tick(now: number): Entry[];
  /** When `tick` next has something to decide; undefined while there is nothing. */
  nextDue(): number | undefined;
  /** Reads that are counted and not kept, by why. */
  filtered(): Filtered;
  /** What somebody must look at, until it is over. */
  problems(): StorewardError[];
  /** Everything observed up to here has been emitted. Never goes back. */
  through(): number;
  /** Which read points look now, in the order of the configuration. */
  coverage(): { readonly readPoint: string; readonly state: CoverageState }[];
  readPointOf(reader: string, antenna: number): string | undefined;
  /** Begins an inventory of one read point, or of all, where none is being taken already. Names those that see enough for one. */
  takeInventory(readPoint: string | undefined, reason: string): string[];
}
