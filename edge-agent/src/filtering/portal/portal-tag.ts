import type { Tag } from "@storeward/contracts";
import type { TagRead } from "../../readers/driver.js";
import type { Side } from "../site-plan.js";
import { NEVER, type Waiting } from "../wheel.js";
import { DoorBelief } from "./door-belief.js";
import { handover } from "./handover.js";

/** Of the door's model, ms. */
const SLICE_MS = 250;
/** Silence after which the next read begins another story, ms. */
const EPISODE_MS = 15_000;
/** Reads that are kept to say when it crossed, ms. */
const WINDOW_MS = 15_000;
const MAX_READS = 600;
/** So sure of a side for so long, it is at home there, slices. */
const AT_HOME = 0.99;
const AT_HOME_SLICES = 30;
/** Reads of a pass are at most so far from the moment of crossing, ms. */
const PASS_MS = 2_500;
/** A tag that crosses is read this strongly somewhere on its way, dBm. */
const NEAR_DBM = -64;
const NEAR_MS = 4_000;
/** How loud it is at the side to which it goes is compared with what was heard there so long before it crossed, ms. */
const APPROACH_MS = 2_000;
const USUAL_READS = 4;
const LOUDER_DB = 6;
const FAINT_DBM = -52;
/** After so long without a read nothing will become of it, ms; sooner where it has hardly crossed. */
const ACTIVE_MS = 4_000;
const QUIET_MS = 1_500;
/** Nothing is expected of a tag that is silent for so long and has hardly crossed. */
const SILENT_MS = 500;
const UNLIKELY = 0.1;

/** One read at a portal. */
export interface SideRead {
  /** mono ms. */
  readonly at: number;
  readonly side: Side;
  /** dBm. */
  readonly rssi: number;
}

/** What the reads of one tag may mean by now. */
export interface Crossing {
  readonly direction: "in" | "out";
  /** Probability. */
  readonly p: number;
  /** When it was between the antennas, mono ms. */
  readonly at: number;
  /** The reads around that moment. */
  readonly reads: readonly SideRead[];
  /** Strongest of them, dBm. */
  readonly peak: number;
  /** How long it has not been read, ms. */
  readonly silent: number;
}

/** What one portal has read of one tag: slices of time for the model of the door, and the reads to tell of. */
export class PortalTag implements Waiting {
  readonly tag: Tag;
  /** Order in which the portal met the tags. */
  readonly serial: number;
  turn = NEVER;
  #reads: SideRead[] = [];
  /** Before this everything is in the belief, mono ms. */
  #sliced = Number.NEGATIVE_INFINITY;
  #belief: DoorBelief | undefined;
  #home: { readonly side: Side; slices: number } | undefined;
  /** Probability of a crossing, as of the last slice. */
  #crossed: { readonly in: number; readonly out: number } = { in: 0, out: 0 };

  constructor(tag: Tag, serial: number) {
    this.tag = tag;
    this.serial = serial;
  }

  get lastRead(): number {
    return this.#reads.at(-1)?.at ?? Number.NEGATIVE_INFINITY;
  }

  /** Whether something may still become of it. */
  get active(): boolean {
    const silent = this.#sliced - this.lastRead;
    return this.#belief !== undefined && silent <= (this.#likely ? ACTIVE_MS : QUIET_MS);
  }

  get #likely(): boolean {
    return Math.max(this.#crossed.in, this.#crossed.out) >= UNLIKELY;
  }

  /** A pass that may still be told of happened after this, mono ms. */
  get undecidedSince(): number | undefined {
    const silent = this.#sliced - this.lastRead > SILENT_MS;
    if (!this.active || (silent && !this.#likely)) return undefined;
    return Math.max(this.#reads[0]?.at ?? this.lastRead, this.lastRead - ACTIVE_MS);
  }

  /** When the next slice is over; undefined while nothing is to be expected. */
  get due(): number | undefined {
    return this.active ? this.#sliced + SLICE_MS : undefined;
  }

  /** Takes a read. `inside`: how likely the tag was there before; `louder`: how much stronger than usual this door reads, dB. */
  add(read: TagRead, side: Side, inside: () => number, louder: number): void {
    if (read.last - this.lastRead > EPISODE_MS) this.#forget();
    this.advance(read.last, louder);
    if (this.#belief === undefined) {
      this.#belief = new DoorBelief(inside());
      this.#sliced = Math.floor(read.last / SLICE_MS) * SLICE_MS;
    }
    this.#insert({ at: read.last, side, rssi: read.rssi });
  }

  /** Slices that are over at `now` are taken. */
  advance(now: number, louder: number): void {
    if (this.#belief === undefined || now < this.#sliced + SLICE_MS) return;
    // What nobody has asked for so long says the same slice for slice.
    const begin = Math.max(this.#sliced, now - EPISODE_MS);
    for (this.#sliced = begin; this.#sliced + SLICE_MS <= now; this.#sliced += SLICE_MS)
      this.#take(this.#belief, this.#sliced, louder);
    this.#crossed = { in: this.#belief.crossed("in"), out: this.#belief.crossed("out") };
  }

  /** Nobody looked until `now`: that it was not read says nothing. */
  resume(now: number): void {
    this.#sliced = Math.max(this.#sliced, Math.floor(now / SLICE_MS) * SLICE_MS);
  }

  /** The likelier crossing, where it is at least as likely as `p`. */
  crossing(now: number, p: number): Crossing | undefined {
    const direction = this.#crossed.in > this.#crossed.out ? "in" : "out";
    if (this.#crossed[direction] < p) return undefined;
    const at = handover(this.#reads, direction);
    if (this.#neverNear() || this.#noLouder(direction, at)) return undefined;
    const reads = this.#reads.filter((read) => Math.abs(read.at - at) <= PASS_MS);
    const peak = peakOf(reads);
    return { direction, p: this.#crossed[direction], at, reads, peak, silent: now - this.lastRead };
  }

  /** That crossing was told: what is left is the beginning of the way back, should there be one. */
  told({ direction, at }: Crossing): void {
    this.#belief?.tell(direction);
    this.#home = undefined;
    this.#crossed = { in: 0, out: 0 };
    const side = direction === "in" ? "inside" : "outside";
    this.#reads = this.#reads.filter(
      (read, index) => index === this.#reads.length - 1 || (read.side === side && read.at >= at),
    );
  }

  #take(belief: DoorBelief, from: number, louder: number): void {
    let inside: number | undefined;
    let outside: number | undefined;
    for (let index = this.#reads.length - 1; index >= 0; index--) {
      const read = this.#reads[index];
      if (read === undefined || read.at < from) break;
      if (read.at >= from + SLICE_MS) continue;
      if (read.side === "inside") inside = Math.max(inside ?? read.rssi, read.rssi);
      else outside = Math.max(outside ?? read.rssi, read.rssi);
    }
    belief.take(inside, outside, louder);
    this.#settle(belief);
  }

  #settle(belief: DoorBelief): void {
    const inside = belief.inside;
    const side = inside > AT_HOME ? "inside" : inside < 1 - AT_HOME ? "outside" : undefined;
    if (side === undefined || side !== this.#home?.side)
      this.#home = side === undefined ? undefined : { side, slices: 1 };
    else if (++this.#home.slices > AT_HOME_SLICES) {
      belief.settle(side);
      this.#home.slices = 1;
    }
  }

  #neverNear(): boolean {
    return peakOf(this.#reads.filter((read) => read.at > this.lastRead - NEAR_MS)) < NEAR_DBM;
  }

  /** What rests beside a door is heard by both sides; when the near one is shadowed, the far one hears no more than before. */
  #noLouder(direction: "in" | "out", at: number): boolean {
    const side = direction === "in" ? "inside" : "outside";
    const there = this.#reads.filter((read) => read.side === side);
    const before = there.filter((read) => read.at < at - APPROACH_MS);
    if (before.length < USUAL_READS) return false;
    const since = peakOf(there.slice(before.length));
    return since < FAINT_DBM && since < peakOf(before) + LOUDER_DB;
  }

  #forget(): void {
    this.#reads = [];
    this.#crossed = { in: 0, out: 0 };
    this.#belief = undefined;
    this.#home = undefined;
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
}

function peakOf(reads: readonly SideRead[]): number {
  return reads.reduce((peak, { rssi }) => Math.max(peak, rssi), Number.NEGATIVE_INFINITY);
}
