import type { Tag } from "@storeward/contracts";
import { NEVER, type Waiting } from "../wheel.js";
import type { Board } from "./board.js";
import type { Evidence } from "./evidence.js";
import { MAX_BOARDS, NOWHERE, type PlaceRows, Places } from "./places.js";
import type { RoundReads } from "./round-reads.js";

/** Boards at which one tag is followed while the device has too many to follow; the faintest gives way. */
const MAX_BOARDS_IN_A_CROWD = 2;

/** A tag, the boards that have something to say of it, and which of them the journal has it on. What follows from it is not its business. */
export class FollowedTag extends Places implements Waiting {
  readonly tag: Tag;
  /** Order in which the device met the tags; not a number before a round has. */
  serial = Number.NaN;
  turn = NEVER;
  /** Reads that wait for the end of their rounds. */
  pending: RoundReads | undefined;
  /** Where the journal has it. */
  published: Board | undefined;
  /** Which of its places that is. */
  told = NOWHERE;
  /** What boards have to say of it, in the order in which they read it first. */
  #first: Evidence | undefined;

  constructor(tag: Tag, rows: PlaceRows) {
    super(rows);
    this.tag = tag;
  }

  /** What the first board has to say; that of the others follows by `next`. */
  get evidence(): Evidence | undefined {
    return this.#first;
  }

  evidenceAt(board: Board | undefined): Evidence | undefined {
    for (let evidence = this.#first; evidence !== undefined; evidence = evidence.next)
      if (evidence.board === board) return evidence;
    return undefined;
  }

  /** The most likely board; undefined: it is nowhere near. */
  get leader(): Board | undefined {
    let evidence = this.leading === NOWHERE ? undefined : this.#first;
    while (evidence !== undefined && evidence.place < this.leading) evidence = evidence.next;
    return evidence?.board;
  }

  /** Whether the most likely place is where the journal has it. */
  get leadsAsTold(): boolean {
    return this.leading === this.told;
  }

  /** The likeliest board, should it be on any. */
  likeliestBoard(): Board | undefined {
    let best: Evidence | undefined;
    for (let evidence = this.#first; evidence !== undefined; evidence = evidence.next)
      if (best === undefined || evidence.weight > best.weight) best = evidence;
    return best?.board;
  }

  /** What gives way to a board that has nothing to say of it yet. */
  givesWay(crowded: boolean): Evidence | undefined {
    let boards = 0;
    let faintest: Evidence | undefined;
    for (let evidence = this.#first; evidence !== undefined; evidence = evidence.next) {
      boards++;
      if (evidence.board !== this.published && (faintest === undefined || evidence.weight < faintest.weight))
        faintest = evidence;
    }
    return boards < (crowded ? MAX_BOARDS_IN_A_CROWD : MAX_BOARDS) ? undefined : faintest;
  }

  drop(evidence: Evidence): void {
    if (this.#first === evidence) this.#first = evidence.next;
    else {
      let before = this.#first;
      while (before !== undefined && before.next !== evidence) before = before.next;
      if (before !== undefined) before.next = evidence.next;
    }
    this.removePlace(evidence.place);
    for (let after = evidence.next; after !== undefined; after = after.next) after.place--;
    if (this.told > evidence.place) this.told--;
    this.rank();
    evidence.board.drop(evidence);
  }

  /** One more board has something to say of it. */
  protected append(evidence: Evidence): void {
    let last = this.#first;
    while (last?.next !== undefined) last = last.next;
    if (last === undefined) this.#first = evidence;
    else last.next = evidence;
  }

  isNoLongerPending(reads: RoundReads): void {
    if (this.pending === reads) this.pending = reads.next;
    else {
      let before = this.pending;
      while (before !== undefined && before.next !== reads) before = before.next;
      if (before !== undefined) before.next = reads.next;
    }
    reads.next = undefined;
  }
}
