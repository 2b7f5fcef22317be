import type { PortalReadPoint } from "@storeward/contracts";
import type { Entry } from "../../journal/journal.js";
import type { TagRead } from "../../readers/driver.js";
import type { Side } from "../site-plan.js";
import { tagOf } from "../tag-of.js";
import { Dwelling } from "./dwelling.js";
import { Passes } from "./passes.js";
import { PortalTag } from "./portal-tag.js";
import type { Whereabouts } from "./whereabouts.js";

const MAX_TAGS = 5_000;
/** A tag not read for this long has left nothing to judge, ms. */
const FORGET_MS = 15_000;

/** One portal: passes through it, and tags that stay near it. */
export class Portal {
  readonly readPoint: PortalReadPoint;
  readonly #passes: Passes;
  readonly #tags = new Map<string, PortalTag>();
  readonly #dwellings = new Map<string, Dwelling>();

  constructor(readPoint: PortalReadPoint, whereabouts: Whereabouts, newId: () => string) {
    this.readPoint = readPoint;
    this.#passes = new Passes(readPoint, whereabouts, newId);
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
    const { louder } = this.#passes;
    const known = tag;
    tag.add(read, side, () => this.#passes.inside(known, last), louder);
    const entries = this.#passes.consider(tag, last);
    if (!held) {
      const dwelling = this.#dwellings.get(epc) ?? new Dwelling(tagOf(read), this.readPoint.id, read.first);
      this.#dwellings.set(epc, dwelling);
      dwelling.read(read);
    }
    return entries;
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

  /** Time has passed until `now`, in which its antennas looked. */
  tick(now: number): Entry[] {
    const entries: Entry[] = [];
    for (const tag of this.#tags.values()) {
      if (!tag.active) continue;
      tag.advance(now, this.#passes.louder);
      entries.push(...this.#passes.consider(tag, now));
    }
    this.#forget(now);
    return entries;
  }

  /** Its antennas look again from `now` on. */
  resume(now: number): void {
    for (const tag of this.#tags.values()) tag.resume(now);
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

  #forget(now: number): void {
    for (const [epc, tag] of this.#tags) if (now - tag.lastRead > FORGET_MS) this.#tags.delete(epc);
  }
}
