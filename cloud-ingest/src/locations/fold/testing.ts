import { compareKeys, type Evidence } from "./evidence.js";
import { type FoldedStay, type Kept, NOTHING_KEPT, restartFrom, runOn } from "./fold.js";
import type { FoldState } from "./state.js";

/** An item as the tables keep it, in memory. */
export class KeptInMemory {
  kept: Kept = NOTHING_KEPT;
  /** How much evidence was run over. */
  read = 0;
  /** In order. */
  readonly #evidence: Evidence[] = [];
  /** In order of their opening, each with the state right after it. */
  #stays: { readonly stay: FoldedStay; readonly checkpoint: FoldState }[] = [];

  take(batch: readonly Evidence[]): void {
    const [first] = [...batch].sort(compareKeys);
    if (first === undefined) return;
    this.#evidence.push(...batch);
    this.#evidence.sort(compareKeys);
    const from = restartFrom(
      this.kept,
      this.#stays.map(({ checkpoint }) => checkpoint),
      first,
    );
    const { key } = from;
    const begin = key === null ? 0 : this.#evidence.findLastIndex((each) => compareKeys(each, key) <= 0) + 1;
    const after = this.#evidence.slice(begin);
    this.read += after.length;
    const result = runOn(this.kept, from, after);
    const before = this.#stays.filter(({ stay }) => key !== null && compareKeys(stay.opening, key) <= 0);
    const known = new Map(before.map((one) => [JSON.stringify(one.stay.opening), one]));
    for (const stay of result.stays) {
      const id = JSON.stringify(stay.opening);
      const checkpoint = stay.checkpoint ?? known.get(id)?.checkpoint;
      if (checkpoint === undefined) throw new Error("a stay without a checkpoint");
      known.set(id, { stay, checkpoint });
    }
    this.#stays = [...known.values()].sort((a, b) => compareKeys(a.stay.opening, b.stay.opening));
    this.kept = result.kept;
  }

  stays(): Omit<FoldedStay, "checkpoint">[] {
    return this.#stays.map(({ stay: { checkpoint: _, ...stay } }) => stay);
  }
}
