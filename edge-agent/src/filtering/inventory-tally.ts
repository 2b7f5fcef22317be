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

/** What is read while an inventory is taken. */
export class InventoryTally {
  readonly from: number;
  readonly reason: string;
  /** Somebody wants to know, and takes its word. */
  isAskedFor = false;
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
    const counted = this.#counted(read.epc) ?? this.#count(tagOf(read));
    counted?.sum.add(read.antenna, read.count, read.rssi, read.rssi);
  }

  /** What a whole round read of a tag. */
  readRound(tag: Tag, sum: StrengthSum): void {
    const counted = this.#counted(tag.epc) ?? this.#count(tag);
    counted?.sum.addAll(sum);
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

  #counted(epc: string): Counted | undefined {
    const counted = this.#tags.get(epc);
    if (counted !== undefined) counted.readInRound = true;
    return counted;
  }

  #count(tag: Tag): Counted | undefined {
    if (this.#tags.size >= MAX_TAGS) return undefined;
    const counted = { tag, sum: new StrengthSum(this.#sums.take(), this.from), readInRound: true };
    this.#tags.set(tag.epc, counted);
    return counted;
  }
}
