import type { Strength } from "@storeward/contracts";
import { type Row, rowOf } from "./rows.js";

const FROM = 0;
const ROUNDS = 1;
const HITS = 2;
const READS = 3;
const HEARD = 4;
const HEAD = 5;
/* Of each antenna that was heard, in the order of their first reads. */
const ANTENNA = 0;
const COUNT = 1;
const RSSI_SUM = 2;
const RSSI_MAX = 3;
const EACH = 4;

/** Numbers that a sum over so many antennas takes. */
export function lengthOfSum(antennas: number): number {
  return HEAD + antennas * EACH;
}

/** Adds up the evidence for one tag at one read point: chances to be read, and reads by antenna. */
export class StrengthSum {
  readonly #block: Float64Array;
  readonly #at: number;

  /** `row` has room for every antenna of the read point. */
  constructor({ block, at }: Row, from: number) {
    this.#block = block;
    this.#at = at;
    this.restart(from);
  }

  static over(antennas: number, from: number): StrengthSum {
    return new StrengthSum(rowOf(lengthOfSum(antennas)), from);
  }

  get from(): number {
    return this.#get(FROM);
  }

  get rounds(): number {
    return this.#get(ROUNDS);
  }

  set rounds(rounds: number) {
    this.#block[this.#at + ROUNDS] = rounds;
  }

  /** Rounds in which it was read. */
  get hits(): number {
    return this.#get(HITS);
  }

  set hits(hits: number) {
    this.#block[this.#at + HITS] = hits;
  }

  get reads(): number {
    return this.#get(READS);
  }

  /** Begins anew at `from`. */
  restart(from: number): void {
    const block = this.#block;
    const at = this.#at;
    block[at + FROM] = from;
    block[at + ROUNDS] = 0;
    block[at + HITS] = 0;
    block[at + READS] = 0;
    block[at + HEARD] = 0;
  }

  /** `count` reads at one antenna whose mean and peak RSSI are given, dBm. */
  add(antenna: number, count: number, rssiMean: number, rssiMax: number): void {
    const block = this.#block;
    block[this.#at + READS] = this.#get(READS) + count;
    const sum = this.#sumOf(antenna);
    block[sum + COUNT] = (block[sum + COUNT] ?? 0) + count;
    block[sum + RSSI_SUM] = (block[sum + RSSI_SUM] ?? 0) + rssiMean * count;
    block[sum + RSSI_MAX] = Math.max(block[sum + RSSI_MAX] ?? 0, rssiMax);
  }

  /** Adds what another one heard. */
  addAll(other: StrengthSum): void {
    const block = other.#block;
    const end = other.#end;
    for (let sum = other.#at + HEAD; sum < end; sum += EACH) {
      const count = block[sum + COUNT] ?? 0;
      this.add(block[sum + ANTENNA] ?? 0, count, (block[sum + RSSI_SUM] ?? 0) / count, block[sum + RSSI_MAX] ?? 0);
    }
  }

  /** Mean over all reads, dBm; undefined without any. */
  get rssiMean(): number | undefined {
    const reads = this.reads;
    if (reads === 0) return undefined;
    let total = 0;
    for (let sum = this.#at + HEAD; sum < this.#end; sum += EACH) total += this.#block[sum + RSSI_SUM] ?? 0;
    return total / reads;
  }

  /** The strongest antenna's mean, dBm: what the tag looks like from here. Minus infinity without a read. */
  get rssiBest(): number {
    let best = Number.NEGATIVE_INFINITY;
    for (let sum = this.#at + HEAD; sum < this.#end; sum += EACH)
      best = Math.max(best, (this.#block[sum + RSSI_SUM] ?? 0) / (this.#block[sum + COUNT] ?? 1));
    return best;
  }

  /** Share of the rounds in which it was read; 0 without a round. */
  get rate(): number {
    return this.rounds === 0 ? 0 : Math.min(1, this.hits / this.rounds);
  }

  strength(): Strength {
    const antennas: Strength["antennas"] = [];
    for (let sum = this.#at + HEAD; sum < this.#end; sum += EACH) {
      const reads = this.#block[sum + COUNT] ?? 0;
      antennas.push({
        antenna: this.#block[sum + ANTENNA] ?? 0,
        reads,
        rssiMax: round1(this.#block[sum + RSSI_MAX] ?? 0),
        rssiMean: round1((this.#block[sum + RSSI_SUM] ?? 0) / reads),
      });
    }
    return { rounds: this.rounds, reads: this.reads, antennas };
  }

  get #end(): number {
    return this.#at + HEAD + this.#get(HEARD) * EACH;
  }

  #get(field: number): number {
    return this.#block[this.#at + field] ?? 0;
  }

  /** Where the antenna's numbers stand; they begin here where it is heard for the first time. */
  #sumOf(antenna: number): number {
    const block = this.#block;
    const end = this.#end;
    for (let sum = this.#at + HEAD; sum < end; sum += EACH) if (block[sum + ANTENNA] === antenna) return sum;
    block[this.#at + HEARD] = this.#get(HEARD) + 1;
    block[end + ANTENNA] = antenna;
    block[end + COUNT] = 0;
    block[end + RSSI_SUM] = 0;
    block[end + RSSI_MAX] = Number.NEGATIVE_INFINITY;
    return end;
  }
}

function round1(value: number): number {
  return Math.round(value * 10) / 10;
}
