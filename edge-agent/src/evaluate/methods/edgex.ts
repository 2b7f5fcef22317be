import type { ReadPoint } from "@storeward/contracts";
import type { ReaderEvent, TagRead } from "../../readers/driver.js";
import type { Claim, Method } from "../claims.js";
import { type Spot, Spots } from "./places.js";

/** Reads whose mean is compared. */
const WINDOW_READS = 20;
/** The new place must be stronger by so much, dB; less for every millisecond without a read at the old one, after a while. */
const THRESHOLD_DB = 6;
const HOLDOFF_MS = 500;
const SLOPE_DB_PER_MS = -0.008;
/** So many reads at least at the new place. */
const MIN_READS = 2;

interface Levels {
  readonly rssi: number[];
  last: number;
}

interface Located {
  readonly at: Map<Spot, Levels>;
  spot: Spot;
  last: number;
}

/**
 * The rule of EdgeX Foundry's RFID inventory service: every tag is at one place, the one that reads it most strongly, and departs when it
 * was read nowhere for `departsMs`. The sides of a portal are places of their own; a move from one to the other is a passage.
 */
export class EdgeX implements Method {
  readonly name: string;
  readonly #departsMs: number;
  readonly #checkMs: number;
  readonly #spots: Spots;
  /** The one that was not read for longest is first. */
  readonly #tags = new Map<string, Located>();
  #checked = Number.NEGATIVE_INFINITY;

  constructor(readPoints: readonly ReadPoint[], { departsMs, checkMs }: { departsMs: number; checkMs: number }) {
    this.name = `EdgeX ${departsMs / 1000} s`;
    this.#departsMs = departsMs;
    this.#checkMs = checkMs;
    this.#spots = new Spots(readPoints);
  }

  handle(reader: string, event: ReaderEvent): Claim[] {
    if (event.type !== "reads") return [];
    return event.reads.flatMap((read) => {
      const spot = this.#spots.at(reader, read.antenna);
      return spot === undefined ? [] : this.#read(read, spot);
    });
  }

  tick(now: number): Claim[] {
    if (now - this.#checked < this.#checkMs) return [];
    this.#checked = now;
    const claims: Claim[] = [];
    for (const [epc, { spot, last }] of this.#tags) {
      if (now - last <= this.#departsMs) break;
      this.#tags.delete(epc);
      claims.push(...shelfClaim("absent", epc, spot, now));
    }
    return claims;
  }

  /** Where a tag is by this rule; undefined before its first read and once it has departed. */
  spotOf(epc: string): Spot | undefined {
    return this.#tags.get(epc)?.spot;
  }

  #read({ epc, rssi, last: at }: TagRead, spot: Spot): Claim[] {
    const known = this.#tags.get(epc);
    const tag: Located = known ?? { at: new Map(), spot, last: at };
    tag.last = Math.max(tag.last, at);
    this.#tags.delete(epc);
    this.#tags.set(epc, tag);
    const levels = tag.at.get(spot) ?? { rssi: [], last: at };
    tag.at.set(spot, levels);
    levels.last = at;
    levels.rssi.push(rssi);
    if (levels.rssi.length > WINDOW_READS) levels.rssi.shift();
    if (known === undefined) return shelfClaim("present", epc, spot, at);
    const from = tag.spot;
    const old = tag.at.get(from);
    if (from === spot || levels.rssi.length < MIN_READS || old === undefined) return [];
    if (mean(levels.rssi) <= mean(old.rssi) + offset(at - old.last)) return [];
    tag.spot = spot;
    return moved(epc, from, spot, at);
  }
}

/** By how much the new place must be stronger, dB, so long after the last read at the old one. */
export function offset(silentMs: number): number {
  return Math.min(THRESHOLD_DB, THRESHOLD_DB + SLOPE_DB_PER_MS * (silentMs - HOLDOFF_MS));
}

function moved(epc: string, from: Spot, to: Spot, at: number): Claim[] {
  if (from.readPoint !== to.readPoint || to.side === undefined)
    return [...shelfClaim("absent", epc, from, at), ...shelfClaim("present", epc, to, at)];
  const direction = to.side === "inside" ? "in" : "out";
  return [{ type: "passed", epc, readPoint: to.readPoint, direction, at, told: at }];
}

function shelfClaim(type: "present" | "absent", epc: string, { side, readPoint }: Spot, at: number): Claim[] {
  return side === undefined ? [{ type, epc, readPoint, at, told: at }] : [];
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
