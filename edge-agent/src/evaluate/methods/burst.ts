import type { Side } from "../../filtering/site-plan.js";
import type { Claim } from "../claims.js";

/**
 * Reads of one tag at one portal without a pause, as the baselines judge them: it went from the side where it was read first to the one
 * where it was read last, and was between the antennas when it was read most strongly.
 */
export class Burst {
  readonly #first: Side;
  #last: Side;
  #peak = Number.NEGATIVE_INFINITY;
  #peakAt = 0;

  constructor(side: Side) {
    this.#first = side;
    this.#last = side;
  }

  add(side: Side, rssi: number, at: number): void {
    this.#last = side;
    if (rssi <= this.#peak) return;
    this.#peak = rssi;
    this.#peakAt = at;
  }

  /** The passage that it was, if it was one. */
  over(epc: string, readPoint: string, now: number): Claim[] {
    if (this.#first === this.#last) return [];
    const direction = this.#last === "inside" ? "in" : "out";
    return [{ type: "passed", epc, readPoint, direction, at: this.#peakAt, told: now }];
  }
}
