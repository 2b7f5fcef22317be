import type { ReadPoint } from "@storeward/contracts";
import type { ReaderEvent } from "../../readers/driver.js";
import type { Claim, Method } from "../claims.js";
import { Burst } from "./burst.js";
import { type Spot, Spots } from "./places.js";
import { SmurfWindow } from "./smurf-window.js";

interface Smoothed {
  readonly window: SmurfWindow;
  read: boolean;
}

interface Near {
  readonly burst: Burst;
  spots: number;
}

/** SMURF: a window for each tag and antenna that adapts to how often the tag is read. Places do not compete for a tag. */
export class Smurf implements Method {
  readonly name = "SMURF";
  readonly #spots: Spots;
  readonly #tags = new Map<Spot, Map<string, Smoothed>>();
  /** Tags near portals. */
  readonly #near = new Map<string, Near>();

  constructor(readPoints: readonly ReadPoint[]) {
    this.#spots = new Spots(readPoints);
  }

  handle(reader: string, event: ReaderEvent): Claim[] {
    if (event.type === "reads")
      return event.reads.flatMap(({ antenna, epc, rssi, last }) => {
        const spot = this.#spots.at(reader, antenna);
        return spot === undefined ? [] : this.#read(spot, epc, rssi, last);
      });
    if (event.type !== "round") return [];
    return [...this.#spots.of(reader, event.antennas)].flatMap((spot) => this.#epoch(spot, event.at));
  }

  tick(): Claim[] {
    return [];
  }

  #read(spot: Spot, epc: string, rssi: number, at: number): Claim[] {
    const tags = this.#tags.get(spot) ?? new Map<string, Smoothed>();
    this.#tags.set(spot, tags);
    const known = tags.get(epc);
    const tag = known ?? { window: new SmurfWindow(), read: true };
    tag.read = true;
    tags.set(epc, tag);
    const { readPoint, side } = spot;
    if (side === undefined) return known === undefined ? [{ type: "present", epc, readPoint, at, told: at }] : [];
    const key = `${readPoint} ${epc}`;
    const near = this.#near.get(key) ?? { burst: new Burst(side), spots: 0 };
    this.#near.set(key, near);
    if (known === undefined) near.spots++;
    near.burst.add(side, rssi, at);
    return [];
  }

  #epoch(spot: Spot, at: number): Claim[] {
    const claims: Claim[] = [];
    const tags = this.#tags.get(spot) ?? new Map<string, Smoothed>();
    for (const [epc, tag] of tags) {
      const there = tag.window.epoch(tag.read);
      tag.read = false;
      if (there) continue;
      tags.delete(epc);
      claims.push(...this.#gone(spot, epc, at));
    }
    return claims;
  }

  #gone({ readPoint, side }: Spot, epc: string, at: number): Claim[] {
    if (side === undefined) return [{ type: "absent", epc, readPoint, at, told: at }];
    const key = `${readPoint} ${epc}`;
    const near = this.#near.get(key);
    if (near === undefined || --near.spots > 0) return [];
    this.#near.delete(key);
    return near.burst.over(epc, readPoint, at);
  }
}
