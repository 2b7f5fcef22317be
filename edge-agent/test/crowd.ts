import type { AntennaPort, Reading } from "@storeward/reader-simulators";

export interface CrowdOptions {
  /** Tags that each antenna reads at one time. */
  readonly tags: number;
  /** After so long others are there. */
  readonly stayMs: number;
}

/** A shelf where things come and go all the time: at any moment some of many tags are read by each antenna, without physics. */
export class Crowd implements AntennaPort {
  readonly antennas = [1, 2];
  readonly region = "ETSI";

  readonly #options: CrowdOptions;

  constructor(options: CrowdOptions = { tags: 20, stayMs: 1_500 }) {
    this.#options = options;
  }

  turnMs(): number {
    return 50;
  }

  connected(): boolean {
    return true;
  }

  read(antenna: number, _power: number, from: number, to: number): Reading[] {
    const { tags, stayMs } = this.#options;
    // They come and go one after the other, so that there is always something to tell.
    const group = (i: number) => Math.floor(from / stayMs + i / tags);
    return Array.from({ length: tags }, (_, i) => ({
      epc: `3034${String(group(i) % 40).padStart(4, "0")}${String(antenna).padStart(4, "0")}${String(i).padStart(12, "0")}`,
      rssi: -50 - (i % 7),
      at: from + ((to - from) * i) / tags,
      channel: 1,
      phase: 0,
    }));
  }
}
