import type { CoverageState } from "@storeward/contracts";
import type { Entry } from "../journal/journal.js";
import { ReadPointCoverage } from "./coverage.js";
import { completenessOf, inventoryEntries, roundsFor } from "./inventory.js";
import { InventoryTally } from "./inventory-tally.js";
import type { PlannedReadPoint, SitePlan } from "./site-plan.js";

/** What a tag at rest is read in, as a share of rounds, before any has told. */
const USUAL_RATE = 0.6;

/** Coverage of one read point, and the inventory that follows when it watches again. */
export class ReadPointState {
  readonly coverage: ReadPointCoverage;
  inventory: InventoryTally | undefined;
  readonly #id: string;
  readonly #antennas: number;
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
    this.#antennas = point.antennas.length;
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
    if (state === "doubtful") this.#doubtfulSince ??= since;
    return this.#told(this.coverage.set(reader, antenna, state, since, why), since, why, now);
  }

  /** Its antennas are said to watch, and most likely do not. */
  doubt(lastRead: number, why: string, now: number): Entry[] {
    const since = Math.max(lastRead, this.coverage.since);
    this.#doubtfulSince ??= since;
    return this.#told(this.coverage.doubt(since, why), since, why, now);
  }

  /** Its antennas watch after all. */
  trust(since: number, why: string): Entry[] {
    return this.coverage.isDoubted ? this.#told(this.coverage.trust(since, why), since, why, since) : [];
  }

  #told(changed: boolean, since: number, why: string, now: number): Entry[] {
    const entries: Entry[] = [];
    if (changed) entries.push(this.coverage.entry());
    if (this.coverage.state === "blind") this.inventory = undefined;
    if (this.coverage.state !== "watching" || !changed) return entries;
    if (this.#doubtfulSince !== undefined)
      entries.push({ draft: { type: "gap", why, from: this.#doubtfulSince, to: since, readPoint: this.#id } });
    this.#doubtfulSince = undefined;
    this.inventory = new InventoryTally(Math.max(now, since), why, this.#antennas);
    return entries;
  }

  /** An inventory on demand. False where nothing can be seen; true also where one is being taken. */
  takeInventory(now: number, reason: string): boolean {
    if (this.coverage.state === "blind") return false;
    this.inventory ??= new InventoryTally(now, reason, this.#antennas);
    this.inventory.isAskedFor = true;
    return true;
  }

  /** A round is over; gives the inventory when it is complete enough. */
  inventoryRound(at: number, about: { usualRate: () => number | undefined; lists: (epc: string) => boolean }): Entry[] {
    const tally = this.inventory;
    if (tally === undefined) return [];
    tally.endRound();
    const rate = about.usualRate() ?? USUAL_RATE;
    if (tally.rounds < roundsFor(rate)) return [];
    this.inventory = undefined;
    const { from, rounds, reason } = tally;
    const tags = tally.listed(about.lists);
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
