import type { StorewardError } from "@storeward/runtime";
import { E } from "./errors.js";

/** A problem is over when nothing was left out for so long, ms. */
const OVER_MS = 600_000;

/** Counts what was left out because more tags are in range than are followed. */
export class Crowd {
  #reads = 0;
  #last = Number.NEGATIVE_INFINITY;

  /** Reads that were left out. */
  get reads(): number {
    return this.#reads;
  }

  count(reads: number, now: number): void {
    this.#reads += reads;
    this.#last = now;
  }

  problems(now: number): StorewardError[] {
    return now - this.#last > OVER_MS ? [] : [E.FILTER_CROWDED({ reads: this.#reads })];
  }
}
