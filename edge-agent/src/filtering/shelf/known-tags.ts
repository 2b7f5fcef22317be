import type { Tag } from "@storeward/contracts";
import type { TagRead } from "../../readers/driver.js";
import { tagOf } from "../tag-of.js";
import { Wheel } from "../wheel.js";
import type { Board } from "./board.js";
import type { Evidence } from "./evidence.js";
import { PlaceRows } from "./places.js";
import { ShelfTag } from "./shelf-tag.js";
import type { Undecided } from "./undecided.js";

/** A tag that is nowhere and was not read for this long is forgotten. */
const FORGET_MS = 60_000;
/** Evidence from a board that has not read a tag for this long is dropped, unless the tag is there. */
const STALE_MS = 120_000;
const SWEEP_EVERY_MS = 5_000;
/** Tags that are followed at once. */
export const MAX_TAGS = 50_000;
/** What boards have to say of tags; with more, each tag is followed at the two boards that read it best. */
const MAX_EVIDENCE = 150_000;

/** The tags that a device has met on its shelves, and how long it remembers what of them. Bounded, whatever is read. */
export class KnownTags {
  readonly #undecided: Undecided;
  readonly #tags = new Map<string, ShelfTag>();
  readonly #places = new PlaceRows();
  #met = 0;
  #evidence = 0;
  /** Tags of which something may be forgotten. */
  readonly #wheel = new Wheel<ShelfTag>(1_000, 1_024);
  #lastSweep = Number.NEGATIVE_INFINITY;

  constructor(undecided: Undecided) {
    this.#undecided = undecided;
  }

  get(epc: string): ShelfTag | undefined {
    return this.#tags.get(epc);
  }

  /** The tag of a read, met now or before; undefined where there is no room for it. */
  ofRead(read: TagRead): ShelfTag | undefined {
    const known = this.#tags.get(read.epc);
    if (known !== undefined) return known;
    return this.#tags.size >= MAX_TAGS ? undefined : this.#meet(tagOf(read));
  }

  /** A tag of which nothing is known but what the journal kept. */
  anew(tag: Tag): ShelfTag {
    const known = this.#tags.get(tag.epc);
    if (known !== undefined) this.#forget(known);
    return this.#meet(tag);
  }

  /** Reads of a tag come to nothing: one that was met by them alone has not been met. */
  unmeet(tag: ShelfTag): void {
    if (tag.evidence === undefined && tag.pending === undefined) this.#tags.delete(tag.tag.epc);
  }

  /** What the board has to say of the tag, from `now` on where it had nothing to say before. */
  evidenceOf(tag: ShelfTag, board: Board, now: number): Evidence {
    const known = tag.evidenceAt(board);
    if (known !== undefined) return known;
    if (Number.isNaN(tag.serial)) tag.serial = this.#met++;
    const givesWay = tag.givesWay(this.#evidence >= MAX_EVIDENCE);
    if (givesWay !== undefined) this.#drop(tag, givesWay);
    this.#evidence++;
    const evidence = tag.begin(board, now);
    this.lookAgain(tag);
    return evidence;
  }

  /** The tag is brought up again when the first thing that is known of it may be forgotten. */
  lookAgain(tag: ShelfTag): void {
    let due = Number.POSITIVE_INFINITY;
    let lastRead = Number.NEGATIVE_INFINITY;
    for (let evidence = tag.evidence; evidence !== undefined; evidence = evidence.next) {
      lastRead = Math.max(lastRead, evidence.lastRead);
      if (evidence.board !== tag.published) due = Math.min(due, evidence.lastRead + STALE_MS);
    }
    if (tag.published === undefined) due = Math.min(due, lastRead + FORGET_MS);
    if (due < Number.POSITIVE_INFINITY) this.#wheel.add(tag, Math.max(due, tag.mayReturnUntil));
  }

  /** Forgets what may be forgotten by now, every few seconds. */
  sweep(now: number): void {
    if (now - this.#lastSweep < SWEEP_EVERY_MS) return;
    this.#lastSweep = now;
    this.#wheel.advance(now, (tag) => this.#forgetOf(tag, now));
  }

  #meet(tag: Tag): ShelfTag {
    const met = new ShelfTag(tag, this.#places);
    this.#tags.set(tag.epc, met);
    return met;
  }

  #forgetOf(tag: ShelfTag, now: number): void {
    const mayReturn = tag.mayReturn(now);
    let lastRead = Number.NEGATIVE_INFINITY;
    for (let evidence = tag.evidence; evidence !== undefined; evidence = evidence.next) {
      if (evidence.board !== tag.published && now - evidence.lastRead > STALE_MS && !mayReturn)
        this.#drop(tag, evidence);
      else lastRead = Math.max(lastRead, evidence.lastRead);
    }
    if (tag.published === undefined && !mayReturn && now - lastRead > FORGET_MS) this.#forget(tag);
    else this.lookAgain(tag);
  }

  #drop(tag: ShelfTag, evidence: Evidence): void {
    this.#undecided.forget(evidence);
    tag.drop(evidence);
    this.#evidence--;
  }

  #forget(tag: ShelfTag): void {
    for (let evidence = tag.evidence; evidence !== undefined; evidence = evidence.next) this.#drop(tag, evidence);
    tag.forget();
    // Reads of it wait for their round: there it is met for the first time.
    if (tag.pending === undefined && this.#tags.get(tag.tag.epc) === tag) this.#tags.delete(tag.tag.epc);
  }
}
