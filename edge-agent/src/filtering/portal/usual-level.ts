/** Strongest read of a pass at a usual door, dBm. The door of the table has -36: some decibel less expected of all reads misses fewer. */
const USUAL_PEAK = -33;
const MEMORY = 50;
/** However strange its first crossings were. */
const MAX_DB = 12;

/** Learns how strongly a portal reads what crosses: cables, antennas and powers differ. */
export class UsualLevel {
  #louder = 0;

  /** How much stronger than a usual door this one reads, dB. */
  get louder(): number {
    return this.#louder;
  }

  /** The strongest read of a crossing that was beyond doubt. */
  learn(peak: number): void {
    const next = this.#louder + (peak - USUAL_PEAK - this.#louder) / MEMORY;
    this.#louder = Math.max(-MAX_DB, Math.min(MAX_DB, next));
  }
}
