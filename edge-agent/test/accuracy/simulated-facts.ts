import type { SimulatedTruth } from "@storeward/contracts";
import type { Fact } from "../../src/evaluate/claims.js";

/** Tells what became true in a simulated hospital from one look at its truth to the next. */
export class SimulatedFacts {
  readonly #shelves: ReadonlySet<string>;
  readonly #places = new Map<string, string>();
  #passagesUntil = 0;

  /** `shelves`: the places that are read points of their own. */
  constructor(shelves: ReadonlySet<string>) {
    this.#shelves = shelves;
  }

  /** In order of time. */
  look({ items, passages }: SimulatedTruth): Fact[] {
    const facts: Fact[] = [];
    for (const { epc, observablePlace, since } of items) {
      const before = this.#places.get(epc);
      if (before === observablePlace) continue;
      this.#places.set(epc, observablePlace);
      const at = Date.parse(since);
      if (before !== undefined && this.#shelves.has(before)) facts.push({ type: "absent", epc, readPoint: before, at });
      if (this.#shelves.has(observablePlace)) facts.push({ type: "present", epc, readPoint: observablePlace, at });
    }
    for (const { epcs, at: text, readPoint, direction } of passages) {
      const at = Date.parse(text);
      if (at <= this.#passagesUntil) continue;
      for (const epc of epcs) facts.push({ type: "passed", epc, readPoint, direction, at });
    }
    this.#passagesUntil = passages.reduce((latest, { at }) => Math.max(latest, Date.parse(at)), this.#passagesUntil);
    return facts.sort((a, b) => a.at - b.at);
  }
}
