import type { PortalReadPoint } from "@storeward/contracts";
import type { Entry } from "../../journal/journal.js";
import type { TagRead } from "../../readers/driver.js";
import type { Side } from "../site-plan.js";
import { tagOf } from "../tag-of.js";
import { Dwelling } from "./dwelling.js";
import type { SideRead } from "./judge.js";
import { type Passage, PortalTag } from "./portal-tag.js";

const MAX_TAGS = 5_000;
/** A tag not read for this long has left nothing to judge, ms. */
const FORGET_MS = 15_000;
/** What crosses the same way within this time went together, ms: a trolley is two metres long. */
const TOGETHER_MS = 1_200;

interface Group {
  readonly pass: string;
  readonly direction: "in" | "out";
  readonly at: number;
}

/** One portal: passes through it, and tags that stay near it. */
export class Portal {
  readonly readPoint: PortalReadPoint;
  readonly #newId: () => string;
  readonly #tags = new Map<string, PortalTag>();
  readonly #dwellings = new Map<string, Dwelling>();
  #groups: Group[] = [];

  constructor(readPoint: PortalReadPoint, newId: () => string) {
    this.readPoint = readPoint;
    this.#newId = newId;
  }

  /** Presence as the journal kept it; false where it is no such state. */
  restore(epc: string, text: string, lastAlive: number): boolean {
    const dwelling = Dwelling.restore((stored) => tagOf({ epc, ...stored }), this.readPoint.id, text, lastAlive);
    if (dwelling !== undefined) this.#dwellings.set(epc, dwelling);
    return dwelling !== undefined;
  }

  /** Takes a read at one side. One that the reader `held` tells of passes, but not of who stays now. */
  read(read: TagRead, side: Side, held: boolean): Entry[] {
    const { epc, last } = read;
    let tag = this.#tags.get(epc);
    if (tag === undefined) {
      if (this.#tags.size >= MAX_TAGS) this.#forget(last);
      if (this.#tags.size >= MAX_TAGS) return [];
      tag = new PortalTag(tagOf(read));
      this.#tags.set(epc, tag);
    }
    const passage = tag.add(read, side);
    if (!held) {
      const dwelling = this.#dwellings.get(epc) ?? new Dwelling(tagOf(read), this.readPoint.id, read.first);
      this.#dwellings.set(epc, dwelling);
      dwelling.read(read);
    }
    return passage === undefined ? [] : [this.#passed(tag, passage)];
  }

  /** Its antennas had a chance to read. */
  round(at: number): Entry[] {
    const entries: Entry[] = [];
    for (const [epc, dwelling] of this.#dwellings) {
      entries.push(...dwelling.round(at));
      if (dwelling.over) this.#dwellings.delete(epc);
    }
    return entries;
  }

  /** Judges the bursts that are over at `now`. */
  tick(now: number): Entry[] {
    const entries: Entry[] = [];
    for (const tag of this.#tags.values()) {
      const passage = tag.judge(now);
      if (passage !== undefined) entries.push(this.#passed(tag, passage));
    }
    this.#forget(now);
    return entries;
  }

  nextDue(): number | undefined {
    let next: number | undefined;
    for (const { due } of this.#tags.values()) if (due !== undefined) next = Math.min(next ?? due, due);
    return next;
  }

  oldestUndecided(): number | undefined {
    let oldest: number | undefined;
    for (const { undecidedSince: since } of this.#tags.values())
      if (since !== undefined) oldest = Math.min(oldest ?? since, since);
    return oldest;
  }

  #passed(tag: PortalTag, { crossing, reads }: Passage): Entry {
    const { direction, p, at } = crossing;
    const inside = sideOf(reads, "inside");
    const outside = sideOf(reads, "outside");
    const sides = { ...(inside === undefined ? {} : { inside }), ...(outside === undefined ? {} : { outside }) };
    const where = { tag: tag.tag, readPoint: this.readPoint.id };
    return {
      draft: {
        type: "passed",
        pass: this.#passOf(direction, at),
        ...where,
        direction,
        p: Math.round(p * 1000) / 1000,
        sides,
      },
    };
  }

  #passOf(direction: Group["direction"], at: number): string {
    this.#groups = this.#groups.filter((group) => at - group.at < 10 * TOGETHER_MS);
    const same = this.#groups.find((group) => group.direction === direction && Math.abs(group.at - at) <= TOGETHER_MS);
    const pass = same?.pass ?? this.#newId();
    this.#groups.push({ pass, direction, at });
    return pass;
  }

  #forget(now: number): void {
    for (const [epc, tag] of this.#tags) if (now - tag.lastRead > FORGET_MS) this.#tags.delete(epc);
  }
}

function sideOf(reads: readonly SideRead[], side: Side) {
  const own = reads.filter((read) => read.side === side);
  const [first] = own;
  const last = own.at(-1);
  if (first === undefined || last === undefined) return undefined;
  return { reads: own.length, first: first.at, last: last.at, rssiMax: Math.max(...own.map(({ rssi }) => rssi)) };
}
