import type { ShelfReadPoint } from "@storeward/contracts";
import type { TagRead } from "../../readers/driver.js";

/** RSSI at which a shelf antenna reads what lies before it, dBm, until its own tags have told. */
const USUAL_LEVEL = -60;
const LEVEL_MEMORY = 300;
const LEVEL_PRIOR = 10;
/** Tags that can wait for the end of a round. */
const MAX_PENDING = 5_000;

export interface AntennaReads {
  count: number;
  rssiSum: number;
  rssiMax: number;
}

/** Reads of one tag at one board in one round. */
export interface RoundReads {
  readonly read: TagRead;
  first: number;
  last: number;
  readonly antennas: Map<number, AntennaReads>;
}

/** One shelf read point: a board or bin that its own antennas tell apart from its neighbours. */
export class Board {
  readonly readPoint: ShelfReadPoint;
  /** Reads since the last round, by EPC. */
  pending = new Map<string, RoundReads>();
  #level = USUAL_LEVEL;
  #levelReads = LEVEL_PRIOR;

  constructor(readPoint: ShelfReadPoint) {
    this.readPoint = readPoint;
  }

  /** Mean RSSI of the tags that are here, dBm. */
  get level(): number {
    return this.#level;
  }

  /** A tag that surely is here was read so strongly. */
  learnLevel(rssi: number): void {
    this.#levelReads = Math.min(LEVEL_MEMORY, this.#levelReads + 1);
    this.#level += (rssi - this.#level) / this.#levelReads;
  }

  /** Keeps a read for the round that it belongs to; false where there is no room. */
  add(read: TagRead): boolean {
    const known = this.pending.get(read.epc);
    if (known === undefined && this.pending.size >= MAX_PENDING) return false;
    const sum = known ?? { read, first: read.first, last: read.last, antennas: new Map() };
    sum.first = Math.min(sum.first, read.first);
    sum.last = Math.max(sum.last, read.last);
    const antenna = sum.antennas.get(read.antenna) ?? { count: 0, rssiSum: 0, rssiMax: Number.NEGATIVE_INFINITY };
    antenna.count += read.count;
    antenna.rssiSum += read.rssi * read.count;
    antenna.rssiMax = Math.max(antenna.rssiMax, read.rssi);
    sum.antennas.set(read.antenna, antenna);
    this.pending.set(read.epc, sum);
    return true;
  }
}

/** The strongest antenna's mean, dBm: what the tag looks like from here. */
export function rssiOf(reads: RoundReads): number {
  let best = Number.NEGATIVE_INFINITY;
  for (const { count, rssiSum } of reads.antennas.values()) best = Math.max(best, rssiSum / count);
  return best;
}
