import type { ReadPoint } from "@storeward/contracts";
import type { ReaderEvent, TagRead } from "../../readers/driver.js";
import type { Claim, Method } from "../claims.js";
import { Burst } from "./burst.js";
import { type Spot, Spots } from "./places.js";

const WINDOW_MS = 2_000;

interface Held {
  readonly epc: string;
  readonly readPoint: string;
  /** At a portal. */
  readonly burst: Burst | undefined;
  last: number;
}

/** A tag is where it was read within the last two seconds, in as many places as that is. */
export class FixedWindow implements Method {
  readonly name = "window 2 s";
  readonly #spots: Spots;
  /** The one that was not read for longest is first. */
  readonly #held = new Map<string, Held>();

  constructor(readPoints: readonly ReadPoint[]) {
    this.#spots = new Spots(readPoints);
  }

  handle(reader: string, event: ReaderEvent): Claim[] {
    if (event.type !== "reads") return [];
    const claims: Claim[] = [];
    for (const read of event.reads) {
      const spot = this.#spots.at(reader, read.antenna);
      if (spot === undefined) continue;
      claims.push(...this.tick(read.last));
      claims.push(...this.#read(read, spot));
    }
    return claims;
  }

  tick(now: number): Claim[] {
    const claims: Claim[] = [];
    for (const [key, { epc, readPoint, burst, last }] of this.#held) {
      if (now - last <= WINDOW_MS) break;
      this.#held.delete(key);
      if (burst === undefined) claims.push({ type: "absent", epc, readPoint, at: now, told: now });
      else claims.push(...burst.over(epc, readPoint, now));
    }
    return claims;
  }

  #read({ epc, rssi, last: at }: TagRead, { readPoint, side }: Spot): Claim[] {
    const key = `${readPoint} ${epc}`;
    const known = this.#held.get(key);
    const held = known ?? { epc, readPoint, burst: side && new Burst(side), last: at };
    held.last = Math.max(held.last, at);
    if (side !== undefined) held.burst?.add(side, rssi, at);
    this.#held.delete(key);
    this.#held.set(key, held);
    return known === undefined && side === undefined ? [{ type: "present", epc, readPoint, at, told: at }] : [];
  }
}
