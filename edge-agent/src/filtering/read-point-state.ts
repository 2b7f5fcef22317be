import type { CoverageState, Tag } from "@storeward/contracts";
import type { Entry } from "../journal/journal.js";
import type { TagRead } from "../readers/driver.js";
import { ReadPointCoverage } from "./coverage.js";
import { completenessOf, inventoryEntries, roundsFor } from "./inventory.js";
import type { RoundReads } from "./shelf/board.js";
import type { PlannedReadPoint, SitePlan } from "./site-plan.js";
import { StrengthSum } from "./strength.js";
import { tagOf } from "./tag-of.js";

/** What a tag at rest is read in, as a share of rounds, before any has told. */
const USUAL_RATE = 0.6;
const MAX_TAGS = 20_000;
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
  rounds = 0;
  readonly tags = new Map<string, Counted>();

  constructor(from: number, reason: string) {
    this.from = from;
    this.reason = reason;
  }

  read(read: TagRead): void {
    this.#count(read)?.sum.add(read.antenna, read.count, read.rssi, read.rssi);
  }

  readRound({ read, antennas }: RoundReads): void {
    const counted = this.#count(read);
    for (const [antenna, { count, rssiSum, rssiMax }] of antennas)
      counted?.sum.add(antenna, count, rssiSum / count, rssiMax);
  }

  endRound(): void {
    this.rounds++;
    for (const counted of this.tags.values()) {
      if (counted.readInRound) counted.sum.hits++;
      counted.readInRound = false;
    }
  }

  #count(read: TagRead): Counted | undefined {
    let counted = this.tags.get(read.epc);
    if (counted === undefined) {
      if (this.tags.size >= MAX_TAGS) return undefined;
      counted = { tag: tagOf(read), sum: new StrengthSum(this.from), readInRound: false };
      this.tags.set(read.epc, counted);
    }
    counted.readInRound = true;
    return counted;
  }
}

/** Coverage of one read point, and the inventory that follows when it watches again. */
export class ReadPointState {
  readonly coverage: ReadPointCoverage;
  inventory: InventoryTally | undefined;
  readonly #id: string;
  readonly #newId: () => string;
  /** Antennas of which a reader said that it may have missed something, since when. */
  #doubtfulSince: number | undefined;

  constructor(
    point: PlannedReadPoint,
    plan: SitePlan,
    { since, why, newId }: { since: number; why: string; newId: () => string },
  ) {
    this.coverage = new ReadPointCoverage(point, plan, since, why);
    this.#id = point.readPoint.id;
    this.#newId = newId;
  }

  /** Arrivals and departures wait for the inventory, so that what follows it are differences. */
  get canTell(): boolean {
    return this.coverage.state !== "blind" && this.inventory === undefined;
  }

  /** What a reader says of one antenna. */
  cover(
    reader: string,
    antenna: number,
    { state, since, why }: { state: CoverageState; since: number; why: string },
    now: number,
  ): Entry[] {
    const entries: Entry[] = [];
    if (state === "doubtful") this.#doubtfulSince ??= since;
    const changed = this.coverage.set(reader, antenna, state, since, why);
    if (changed) entries.push(this.coverage.entry());
    if (this.coverage.state === "blind") this.inventory = undefined;
    if (this.coverage.state !== "watching" || !changed) return entries;
    if (this.#doubtfulSince !== undefined)
      entries.push({ draft: { type: "gap", why, from: this.#doubtfulSince, to: since, readPoint: this.#id } });
    this.#doubtfulSince = undefined;
    this.inventory = new InventoryTally(Math.max(now, since), why);
    return entries;
  }

  /** An inventory on demand. False where nothing can be seen; true also where one is being taken. */
  takeInventory(now: number, reason: string): boolean {
    if (this.coverage.state === "blind") return false;
    this.inventory ??= new InventoryTally(now, reason);
    return true;
  }

  /** A round is over; gives the inventory when it is complete enough. */
  inventoryRound(at: number, about: { usualRate: number | undefined; lists: (epc: string) => boolean }): Entry[] {
    const tally = this.inventory;
    if (tally === undefined) return [];
    tally.endRound();
    const rate = about.usualRate ?? USUAL_RATE;
    if (tally.rounds < roundsFor(rate)) return [];
    this.inventory = undefined;
    const { from, rounds, reason } = tally;
    const tags = [...tally.tags]
      .filter(([epc, { sum }]) => sum.hits >= MIN_HITS && about.lists(epc))
      .map(([, { tag, sum }]) => {
        sum.rounds = rounds;
        return { tag, strength: sum.strength() };
      });
    const completeness = completenessOf(rate, rounds);
    return inventoryEntries({
      inventory: this.#newId(),
      readPoint: this.#id,
      from,
      to: at,
      rounds,
      completeness,
      reason,
      tags,
    });
  }
}
