import type { PortalReadPoint } from "@storeward/contracts";
import type { Entry } from "../../journal/journal.js";
import type { TagRead } from "../../readers/driver.js";
import type { Crowd } from "../crowd.js";
import type { Side } from "../site-plan.js";
import { tagOf } from "../tag-of.js";
import { Wheel } from "../wheel.js";
import { Dwelling } from "./dwelling.js";
import { Passes } from "./passes.js";
import { PortalTag } from "./portal-tag.js";
import type { Whereabouts } from "./whereabouts.js";

/** Tags that are followed at once through one door, and as many that stay near it: a reader reads some hundred in a second. */
export const MAX_PORTAL_TAGS = 5_000;
/** A tag not read for this long has left nothing to judge, ms. */
const FORGET_MS = 15_000;

/** One portal: passes through it, and tags that stay near it. */
export class Portal {
  readonly readPoint: PortalReadPoint;
  readonly #passes: Passes;
  readonly #crowd: Crowd;
  readonly #tags = new Map<string, PortalTag>();
  #met = 0;
  /** Tags of which something may still become, in the order in which they were met. */
  #active: PortalTag[] = [];
  /** Tags that may be forgotten. */
  readonly #wheel = new Wheel<PortalTag>(1_000, 32);
  readonly #dwellings = new Map<string, Dwelling>();

  constructor(readPoint: PortalReadPoint, whereabouts: Whereabouts, newId: () => string, crowd: Crowd) {
    this.readPoint = readPoint;
    this.#passes = new Passes(readPoint, whereabouts, newId);
    this.#crowd = crowd;
  }

  /** Presence as the journal kept it; false where it is no such state. */
  restore(epc: string, text: string, lastAlive: number): boolean {
    const dwelling = Dwelling.restore((stored) => tagOf({ epc, ...stored }), this.readPoint, text, lastAlive);
    if (dwelling !== undefined) this.#dwellings.set(epc, dwelling);
    return dwelling !== undefined;
  }

  /** Takes a read at one side. One that the reader `held` tells of passes, but not of who stays now. */
  read(read: TagRead, side: Side, held: boolean, entries: Entry[]): void {
    const { last } = read;
    const tag = this.#tags.get(read.epc) ?? this.#meet(read);
    if (tag === undefined) {
      this.#crowd.count(read.count, last);
      return;
    }
    const wasActive = tag.active;
    tag.add(read, side, () => this.#passes.inside(tag, last), this.#passes.louder);
    if (!wasActive) this.#activate(tag);
    this.#passes.consider(tag, last, entries);
    if (!held) this.#dwellingOf(read)?.read(read);
  }

  /** Its antennas had a chance to read. */
  round(at: number, entries: Entry[]): void {
    for (const [epc, dwelling] of this.#dwellings) {
      const entry = dwelling.round(at);
      if (entry !== undefined) entries.push(entry);
      if (dwelling.over) this.#dwellings.delete(epc);
    }
  }

  /** Time has passed until `now`, in which its antennas looked. */
  tick(now: number, entries: Entry[]): void {
    let still = 0;
    for (const tag of this.#active) {
      if (tag.active) {
        tag.advance(now, this.#passes.louder);
        this.#passes.consider(tag, now, entries);
      }
      if (tag.active) this.#active[still++] = tag;
    }
    this.#active.length = still;
    this.#forget(now);
  }

  /** Its antennas look again from `now` on. */
  resume(now: number): void {
    for (const tag of this.#tags.values()) tag.resume(now);
  }

  nextDue(): number | undefined {
    let next: number | undefined;
    for (const { due } of this.#active) if (due !== undefined) next = Math.min(next ?? due, due);
    return next;
  }

  oldestUndecided(): number | undefined {
    let oldest: number | undefined;
    for (const { undecidedSince: since } of this.#active)
      if (since !== undefined) oldest = Math.min(oldest ?? since, since);
    return oldest;
  }

  /** Undefined where there is no room. */
  #meet(read: TagRead): PortalTag | undefined {
    if (this.#tags.size >= MAX_PORTAL_TAGS) this.#forget(read.last);
    if (this.#tags.size >= MAX_PORTAL_TAGS) return undefined;
    const tag = new PortalTag(tagOf(read), this.#met++);
    this.#tags.set(read.epc, tag);
    this.#wheel.add(tag, read.last + FORGET_MS);
    return tag;
  }

  #dwellingOf(read: TagRead): Dwelling | undefined {
    let dwelling = this.#dwellings.get(read.epc);
    if (dwelling !== undefined) return dwelling;
    if (this.#dwellings.size >= MAX_PORTAL_TAGS) {
      this.#crowd.count(read.count, read.last);
      return undefined;
    }
    dwelling = new Dwelling(tagOf(read), this.readPoint, read.first);
    this.#dwellings.set(read.epc, dwelling);
    return dwelling;
  }

  /** Where it is in the list already, it stays. */
  #activate(tag: PortalTag): void {
    const active = this.#active;
    let index = active.length;
    while (index > 0 && (active[index - 1]?.serial ?? 0) > tag.serial) index--;
    if (active[index - 1] !== tag) active.splice(index, 0, tag);
  }

  #forget(now: number): void {
    this.#wheel.advance(now, (tag) => {
      if (now - tag.lastRead > FORGET_MS) this.#tags.delete(tag.tag.epc);
      else this.#wheel.add(tag, tag.lastRead + FORGET_MS);
    });
  }
}
