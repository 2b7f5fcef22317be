import type { Tag } from "@storeward/contracts";
import type { TagRead } from "../../readers/driver.js";
import type { Side } from "../site-plan.js";
import { type Crossing, dominanceOf, judgeCrossing, type SideRead } from "./judge.js";

/** Silence after which a burst is judged, ms. The event must be on a page within a second of the last read. */
export const SILENCE_MS = 400;
/** Silence after which the next read begins another story, ms. */
const EPISODE_MS = 4_000;
/** Longest burst that is judged as one, ms: a bed pushed slowly. */
const WINDOW_MS = 10_000;
const MAX_READS = 400;
/** How sure a crossing must be when the tag is heard no more, and while it still is. */
const SURE = 0.6;
const SURE_WHILE_HEARD = 0.9;
/** While it is still heard, the other side alone must have had it for so long, ms. */
const SETTLED_MS = 1_000;
const SETTLED_READS = 5;
const SETTLED_DOMINANCE = 0.6;
/** A tag that stands near the door for so long has a usual RSSI at each side, ms. */
const STANDS_MS = 6_000;
/** Its crossing then begins with reads that are this much stronger than usual at the side that it goes to, dB. */
const RISE_DB = 6;

/** A pass that a tag made. */
export interface Passage {
  readonly crossing: Crossing;
  readonly reads: readonly SideRead[];
}

interface Level {
  mean: number;
  reads: number;
  since: number;
}

/** What one portal has read of one tag: judged when the tag falls silent, or has clearly settled on the other side. */
export class PortalTag {
  readonly tag: Tag;
  #reads: SideRead[] = [];
  /** Up to when reads have been judged. */
  #judgedAt = Number.NEGATIVE_INFINITY;
  #levels: Partial<Record<Side, Level>> = {};
  #episodeStart = 0;

  constructor(tag: Tag) {
    this.tag = tag;
  }

  get lastRead(): number {
    return this.#reads.at(-1)?.at ?? Number.NEGATIVE_INFINITY;
  }

  /** First read that has not been judged, while it may be part of a pass. */
  get undecidedSince(): number | undefined {
    return this.lastRead > this.#judgedAt ? this.#reads[0]?.at : undefined;
  }

  /** When the burst is to be judged; undefined once it has been. */
  get due(): number | undefined {
    return this.lastRead > this.#judgedAt ? this.lastRead + SILENCE_MS : undefined;
  }

  /** Takes a read; gives the passage that it completes, or that was completed before it came. */
  add(read: TagRead, side: Side): Passage | undefined {
    const at = read.last;
    const passage = this.judge(at);
    if (at - this.lastRead > EPISODE_MS) this.#begin(at);
    this.#learnLevel(at, side, read.rssi);
    this.#insert({ at, side, rssi: read.rssi });
    return passage ?? this.#judgeWhileHeard(at);
  }

  /** Judges the burst if it is over at `now`. */
  judge(now: number): Passage | undefined {
    if (this.due === undefined || now < this.due) return undefined;
    this.#judgedAt = this.lastRead;
    return this.#passage(SURE);
  }

  #begin(at: number): void {
    this.#reads = [];
    this.#levels = {};
    this.#episodeStart = at;
  }

  #insert(read: SideRead): void {
    const reads = this.#reads;
    let index = reads.length;
    while (index > 0 && (reads[index - 1]?.at ?? 0) > read.at) index--;
    reads.splice(index, 0, read);
    const oldest = this.lastRead - WINDOW_MS;
    let gone = Math.max(0, reads.length - MAX_READS);
    while ((reads[gone]?.at ?? oldest) < oldest) gone++;
    if (gone > 0) reads.splice(0, gone);
  }

  #judgeWhileHeard(at: number): Passage | undefined {
    const recent = this.#reads.filter((read) => read.at > at - SETTLED_MS);
    const before = this.#reads[this.#reads.length - recent.length - 1];
    if (before === undefined || recent.length < SETTLED_READS || Math.abs(dominanceOf(recent)) < SETTLED_DOMINANCE)
      return undefined;
    return this.#passage(SURE_WHILE_HEARD);
  }

  #passage(sure: number): Passage | undefined {
    const crossing = judgeCrossing(this.#reads);
    if (crossing === undefined || crossing.p < sure || !this.#rises(crossing)) return undefined;
    const reads = this.#reads;
    // What is left is the beginning of the way back, should there be one.
    const arrived = crossing.direction === "in" ? crossing.centres.inside : crossing.centres.outside;
    this.#reads = reads.filter((read) => read.at >= arrived);
    this.#levels = {};
    this.#episodeStart = arrived;
    return { crossing, reads };
  }

  /** Of a tag that stands near the door, fading makes the one or the other side louder all the time. */
  #rises({ direction }: Crossing): boolean {
    if (this.lastRead - this.#episodeStart < STANDS_MS) return true;
    const side = direction === "in" ? "inside" : "outside";
    const level = this.#levels[side];
    if (level === undefined || level.reads < 5) return true;
    const late = this.#reads.filter((read) => read.side === side).slice(-5);
    const mean = late.reduce((sum, { rssi }) => sum + rssi, 0) / Math.max(1, late.length);
    return mean >= level.mean + RISE_DB;
  }

  /** Slowly, so that the crossing itself does not become usual. */
  #learnLevel(at: number, side: Side, rssi: number): void {
    const level = this.#levels[side];
    if (level === undefined) this.#levels[side] = { mean: rssi, reads: 1, since: at };
    else {
      level.reads++;
      level.mean += (rssi - level.mean) / Math.min(level.reads, 60);
    }
  }
}
