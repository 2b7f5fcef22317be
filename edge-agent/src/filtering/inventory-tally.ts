import type { Tag } from "@storeward/contracts";
import type { TagRead } from "../readers/driver.js";
import type { Listed } from "./inventory.js";
import { Rows } from "./rows.js";
import { lengthOfSum, StrengthSum } from "./strength.js";
import { tagOf } from "./tag-of.js";

/** As many as are followed at all. */
const MAX_TAGS = 50_000;
/** Read in fewer rounds it only came by. */
const MIN_HITS = 2;

interface Counted {
  readonly tag: Tag;
  readonly sum: StrengthSum;
  readInRound: boolean;
}

/** The part of the reads of a round that an inventory takes. */
interface RoundOfTag {
  readonly read: TagRead;
  readonly sum: StrengthSum;
}

/** What is read while an inventory is taken. */
export class InventoryTally {
  readonly from: number;
  readonly reason: string;
  #rounds = 0;
  readonly #tags = new Map<string, Counted>();
  readonly #sums: Rows;

  /** Of a read point with so many antennas. */
  constructor(from: number, reason: string, antennas: number) {
    this.from = from;
    this.reason = reason;
    this.#sums = new Rows(lengthOfSum(antennas));
  }

  get rounds(): number {
    return this.#rounds;
  }

  read(read: TagRead): void {
    this.#count(read)?.sum.add(read.antenna, read.count, read.rssi, read.rssi);
  }

  readRound({ read, sum }: RoundOfTag): void {
    this.#count(read)?.sum.addAll(sum);
  }

  endRound(): void {
    this.#rounds++;
    for (const counted of this.#tags.values()) {
      if (counted.readInRound) counted.sum.hits++;
      counted.readInRound = false;
    }
  }

  /** The tags that were here, of those that `lists` lets in. */
  listed(lists: (epc: string) => boolean): Listed[] {
    const listed: Listed[] = [];
    for (const [epc, { tag, sum }] of this.#tags) {
      if (sum.hits < MIN_HITS || !lists(epc)) continue;
      sum.rounds = this.#rounds;
      listed.push({ tag, strength: sum.strength() });
    }
    return listed;
  }

  #count(read: TagRead): Counted | undefined {
    let counted = this.#tags.get(read.epc);
    if (counted === undefined) {
      if (this.#tags.size >= MAX_TAGS) return undefined;
      counted = { tag: tagOf(read), sum: new StrengthSum(this.#sums.take(), this.from), readInRound: false };
      this.#tags.set(read.epc, counted);
    }
    counted.readInRound = true;
    return counted;
  }
}
