import type { Strength } from "@storeward/contracts";

interface AntennaSum {
  reads: number;
  rssiSum: number;
  rssiMax: number;
}

/** Adds up the evidence for one tag at one read point: chances to be read, and reads by antenna. */
export class StrengthSum {
  from: number;
  rounds = 0;
  /** Rounds in which it was read. */
  hits = 0;
  reads = 0;
  readonly #antennas = new Map<number, AntennaSum>();

  constructor(from: number) {
    this.from = from;
  }

  /** `count` reads at one antenna whose mean and peak RSSI are given, dBm. */
  add(antenna: number, count: number, rssiMean: number, rssiMax: number): void {
    this.reads += count;
    const sum = this.#antennas.get(antenna) ?? { reads: 0, rssiSum: 0, rssiMax: Number.NEGATIVE_INFINITY };
    sum.reads += count;
    sum.rssiSum += rssiMean * count;
    sum.rssiMax = Math.max(sum.rssiMax, rssiMax);
    this.#antennas.set(antenna, sum);
  }

  /** Mean over all reads, dBm; undefined without any. */
  get rssiMean(): number | undefined {
    if (this.reads === 0) return undefined;
    let sum = 0;
    for (const { rssiSum } of this.#antennas.values()) sum += rssiSum;
    return sum / this.reads;
  }

  /** Share of the rounds in which it was read; 0 without a round. */
  get rate(): number {
    return this.rounds === 0 ? 0 : Math.min(1, this.hits / this.rounds);
  }

  strength(): Strength {
    return {
      rounds: this.rounds,
      reads: this.reads,
      antennas: [...this.#antennas].map(([antenna, { reads, rssiSum, rssiMax }]) => ({
        antenna,
        reads,
        rssiMax: round1(rssiMax),
        rssiMean: round1(rssiSum / reads),
      })),
    };
  }
}

function round1(value: number): number {
  return Math.round(value * 10) / 10;
}
