import type { UsualPeaks } from "./odds.js";

/** Until a portal has seen its own: what an antenna two metres above a door reads, dBm. */
const PRIOR: UsualPeaks = { strong: -36, weak: -44 };
const MEMORY = 50;
/** However strange its first crossings were. */
const MAX_DB = 12;

/** Learns how strongly a portal reads what crosses: cables, antennas and powers differ. */
export class LearntPeaks implements UsualPeaks {
  #strong = PRIOR.strong;
  #weak = PRIOR.weak;

  get strong(): number {
    return this.#strong;
  }

  get weak(): number {
    return this.#weak;
  }

  /** Of a crossing that was beyond doubt. */
  learn({ strong, weak }: UsualPeaks): void {
    this.#strong = near(this.#strong + (strong - this.#strong) / MEMORY, PRIOR.strong);
    this.#weak = near(this.#weak + (weak - this.#weak) / MEMORY, PRIOR.weak);
  }
}

function near(value: number, prior: number): number {
  return Math.max(prior - MAX_DB, Math.min(prior + MAX_DB, value));
}
