import type { ReadPoint } from "@storeward/contracts";
import { keyOf, type Side } from "../../filtering/site-plan.js";

/** What one antenna, or the antennas of one side of a portal, see. */
export interface Spot {
  /** Of its own: the read point, with the side of a portal. */
  readonly id: string;
  readonly readPoint: string;
  /** Of a portal. */
  readonly side?: Side;
}

/** Which spot each antenna belongs to. */
export class Spots {
  readonly #spots = new Map<string, Spot>();

  constructor(readPoints: readonly ReadPoint[]) {
    for (const point of readPoints) {
      if (point.role === "shelf") this.#add(point.antennas, { id: point.id, readPoint: point.id });
      else
        for (const side of ["inside", "outside"] as const)
          this.#add(point.antennas[side], { id: `${point.id} ${side}`, readPoint: point.id, side });
    }
  }

  at(reader: string, antenna: number): Spot | undefined {
    return this.#spots.get(keyOf(reader, antenna));
  }

  /** The spots of these antennas, each once. */
  of(reader: string, antennas: readonly number[]): Set<Spot> {
    const spots = new Set<Spot>();
    for (const antenna of antennas) {
      const spot = this.at(reader, antenna);
      if (spot !== undefined) spots.add(spot);
    }
    return spots;
  }

  #add(antennas: readonly { reader: string; antenna: number }[], spot: Spot): void {
    for (const { reader, antenna } of antennas) {
      const key = keyOf(reader, antenna);
      if (!this.#spots.has(key)) this.#spots.set(key, spot);
    }
  }
}
