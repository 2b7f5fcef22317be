import type { PortalReadPoint } from "@storeward/contracts";
import type { Entry } from "../../journal/journal.js";
import type { TagRead } from "../../readers/driver.js";
import type { Side } from "../site-plan.js";
import { tagOf } from "../tag-of.js";
import type { SideRead } from "./crossing.js";
import { Dwelling } from "./dwelling.js";
import { oddsOf } from "./odds.js";
import { type Candidate, PortalTag } from "./portal-tag.js";
import { LearntPeaks } from "./usual-peaks.js";
import type { Whereabouts } from "./whereabouts.js";

const MAX_TAGS = 5_000;
/** A tag not read for this long has left nothing to judge, ms. */
const FORGET_MS = 15_000;
/** What crosses the same way within this time went together, ms: a trolley is two metres long. */
const TOGETHER_MS = 1_200;
const UNSURE_MS = 5_000;

/** How sure a crossing must be, as log of the odds: when the tag has fallen silent, and while it is still heard. */
const SURE = 0.5;
const SURE_WHILE_HEARD = 5;
/** Less sure, it still crossed if something that surely crossed was with it. */
const WITH_OTHERS = -1.5;
const BEYOND_DOUBT = 1.2;
interface Group {
  readonly pass: string;
  readonly direction: "in" | "out";
  readonly at: number;
  sure: boolean;
}

interface Unsure {
  readonly tag: PortalTag;
  readonly candidate: Candidate;
}

/** One portal: passes through it, and tags that stay near it. */
export class Portal {
  readonly readPoint: PortalReadPoint;
  readonly #newId: () => string;
  readonly #whereabouts: Whereabouts;
  readonly #usual = new LearntPeaks();
  readonly #tags = new Map<string, PortalTag>();
  readonly #dwellings = new Map<string, Dwelling>();
  #groups: Group[] = [];
  /** Crossings that were not sure enough, for as long as something else may make them so. */
  #unsure: Unsure[] = [];

  constructor(readPoint: PortalReadPoint, whereabouts: Whereabouts, newId: () => string) {
    this.readPoint = readPoint;
    this.#whereabouts = whereabouts;
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
    const entries = this.#consider(tag, tag.judge(last));
    tag.add(read, side);
    entries.push(...this.#consider(tag, tag.judgeWhileHeard()));
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

  /** Judges the bursts that are over at `now`. */
  tick(now: number): Entry[] {
    const entries: Entry[] = [];
    for (const tag of this.#tags.values()) entries.push(...this.#consider(tag, tag.judge(now)));
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

  #consider(tag: PortalTag, candidate: Candidate | undefined): Entry[] {
    if (candidate === undefined) return [];
    const { crossing, silent, turnsBack } = candidate;
    const { direction, at } = crossing;
    const last = this.#lastCrossing(tag, direction, at);
    const logit = oddsOf(crossing, { usual: this.#usual, last, turnsBack });
    if (logit >= (silent ? SURE : SURE_WHILE_HEARD)) return this.#pass(tag, candidate, logit);
    if (!silent || logit < WITH_OTHERS) return [];
    if (this.#groupOf(direction, at)?.sure) return this.#pass(tag, candidate, SURE);
    this.#unsure = this.#unsure.filter((other) => other.tag !== tag && at - other.candidate.crossing.at < UNSURE_MS);
    this.#unsure.push({ tag, candidate });
    return [];
  }

  #lastCrossing(tag: PortalTag, direction: Group["direction"], at: number): "there" | "here" | undefined {
    const place = this.#whereabouts.placeOf(tag.tag.epc, at);
    const { inside, outside } = this.readPoint;
    if (place === inside) return direction === "in" ? "there" : "here";
    return place === outside ? (direction === "in" ? "here" : "there") : undefined;
  }

  #pass(tag: PortalTag, { crossing, reads }: Candidate, logit: number): Entry[] {
    const { direction, at } = crossing;
    const { id, inside: inner, outside: outer } = this.readPoint;
    const sure = logit >= BEYOND_DOUBT;
    if (sure) this.#usual.learn(crossing);
    tag.crossed(crossing);
    this.#unsure = this.#unsure.filter((other) => other.tag !== tag);
    this.#whereabouts.crossed(tag.tag.epc, direction === "in" ? inner : outer, at);
    const group = this.#groupOf(direction, at) ?? { pass: this.#newId(), direction, at, sure };
    group.sure ||= sure;
    this.#groups = [...this.#groups.filter((other) => other !== group && at - other.at < UNSURE_MS), group];
    const inside = sideOf(reads, "inside");
    const outside = sideOf(reads, "outside");
    const sides = { ...(inside === undefined ? {} : { inside }), ...(outside === undefined ? {} : { outside }) };
    const p = Math.round(1000 / (1 + Math.exp(-logit))) / 1000;
    const draft = { type: "passed" as const, pass: group.pass, tag: tag.tag, readPoint: id, direction, p, sides };
    return [{ draft }, ...(sure ? this.#takeAlong(group) : [])];
  }

  /** What was not sure by itself went with what is. */
  #takeAlong(group: Group): Entry[] {
    const along = this.#unsure.filter(({ candidate: { crossing } }) => together(group, crossing));
    this.#unsure = this.#unsure.filter((unsure) => !along.includes(unsure));
    return along.flatMap(({ tag, candidate }) => this.#pass(tag, candidate, SURE));
  }

  #groupOf(direction: Group["direction"], at: number): Group | undefined {
    return this.#groups.find((group) => together(group, { direction, at }));
  }

  #forget(now: number): void {
    for (const [epc, tag] of this.#tags) if (now - tag.lastRead > FORGET_MS) this.#tags.delete(epc);
  }
}

function together(a: { direction: string; at: number }, b: { direction: string; at: number }): boolean {
  return a.direction === b.direction && Math.abs(a.at - b.at) <= TOGETHER_MS;
}

function sideOf(reads: readonly SideRead[], side: Side) {
  const own = reads.filter((read) => read.side === side);
  const [first] = own;
  const last = own.at(-1);
  if (first === undefined || last === undefined) return undefined;
  return { reads: own.length, first: first.at, last: last.at, rssiMax: Math.max(...own.map(({ rssi }) => rssi)) };
}
