import type { ShelfReadPoint } from "@storeward/contracts";
import type { Entry } from "../../journal/journal.js";
import type { TagRead } from "../../readers/driver.js";
import type { InventoryTally } from "../inventory-tally.js";
import { isTooSoon, SeenRule } from "../seen-rule.js";
import { tagOf } from "../tag-of.js";
import { Board } from "./board.js";
import type { Evidence } from "./evidence.js";
import { KnownTags } from "./known-tags.js";
import type { Outcome } from "./likelihood.js";
import { NEW_RUN_MISSES, RoundChances } from "./round-chances.js";
import { arrived, departed, parseStored, presenceOf } from "./shelf-entries.js";
import type { ShelfTag } from "./shelf-tag.js";
import { isDeaf, readsAsOwn } from "./silence.js";
import { Undecided } from "./undecided.js";

/** How far ahead a place must be before it is told, nats. */
const MARGIN = 2;
/** The first time it must be further ahead: nothing is known yet of how the tag is read. */
const ARRIVAL_MARGIN = 3.5;
/** Fewer reads than this at a board are nobody's arrival. */
const MIN_ARRIVAL_READS = 3;
export interface ShelfOptions {
  readonly readPoints: readonly ShelfReadPoint[];
  /** Whether what is told of a read point now counts: it watches, and no inventory is under way. */
  readonly canTell: (readPoint: string) => boolean;
  /** Whether a tag's absence from a read point may be told: it watches wholly. */
  readonly watches: (readPoint: string) => boolean;
  /** A read point that is said to watch is more likely deaf, since then, mono ms: what follows from it. */
  readonly doubt: (readPoint: string, since: number) => Entry[];
  /** Whether that was said and is not over. */
  readonly isDoubted: (readPoint: string) => boolean;
}

/**
 * Which tags are on which board. Tags compete between all boards of the device: reads at the neighbouring board make no second
 * presence. Decided by rounds only, so that a reader that tells none makes nothing depart. A round costs what its board has to say, however
 * many tags the device knows.
 */
export class ShelfPresence {
  readonly #options: ShelfOptions;
  readonly #boards = new Map<string, Board>();
  readonly #undecided = new Undecided();
  readonly #tags = new KnownTags(this.#undecided);
  readonly #chances = new RoundChances();
  readonly #outcome: Outcome = { read: false, previous: false, rssi: 0, chance: 1 };

  constructor(options: ShelfOptions) {
    this.#options = options;
    options.readPoints.forEach((readPoint, number) => {
      this.#boards.set(readPoint.id, new Board(readPoint, number));
    });
  }

  board(readPoint: string): Board | undefined {
    return this.#boards.get(readPoint);
  }

  /** Presence as the journal kept it; false where it is no such state. `lastAlive`: when it was last known to hold, mono ms. */
  restore(readPoint: string, epc: string, text: string, lastAlive: number): boolean {
    const board = this.#boards.get(readPoint);
    const stored = parseStored(text);
    if (board === undefined || stored === undefined) return false;
    const tag = this.#tags.anew(tagOf({ epc, ...stored }));
    const evidence = this.#tags.evidenceOf(tag, board, lastAlive);
    tag.restore(evidence, stored.pattern, lastAlive);
    tag.seenRule = new SeenRule(lastAlive, stored.pattern);
    if (stored.pattern.rssi !== undefined) board.learnLevel(stored.pattern.rssi);
    return true;
  }

  /** Keeps a read for its round; false where there is no room. */
  read(board: Board, read: TagRead): boolean {
    const tag = this.#tags.ofRead(read);
    if (tag !== undefined) board.add(tag, read);
    return tag !== undefined;
  }

  /** The tag went through a door: whatever a board still believes, it is told at its next round. */
  passed(epc: string): void {
    const tag = this.#tags.get(epc);
    if (tag === undefined) return;
    tag.wasAtDoor();
    this.#undecided.note(tag);
  }

  /** Reads of a round that cannot be told from those of another: they go with no round. */
  discard(board: Board): void {
    board.takeReads(({ tag }) => this.#tags.unmeet(tag));
  }

  /** The antennas of this board had a chance to read: what follows from it is added to `entries`, and its reads to an inventory. */
  round(board: Board, at: number, entries: Entry[], inventory: InventoryTally | undefined): void {
    board.silentRounds++;
    board.takeReads((reads) => {
      board.heard(reads.last);
      this.#tags.evidenceOf(reads.tag, board, reads.first).round = reads;
      inventory?.readRound(reads.tag.tag, reads.sum);
    });
    if (this.#options.isDoubted(board.readPoint.id)) {
      // A chance that nobody had.
      if (board.silentRounds > 0) return;
      this.goBack(board);
      countAnew(board, at);
    }
    const { evidence } = board;
    this.#chances.begin(board);
    for (const each of evidence) {
      this.#observe(each, at);
      this.#settle(each.tag, at, entries);
      this.#seen(each, at, entries);
      this.#undecided.note(each.tag);
    }
    this.#tags.sweep(at);
  }

  /**
   * The board has heard nothing, or hears again: who was here when it last heard anything is believed to be here, until its rounds say
   * otherwise. Faint reads elsewhere meant nothing; who is read elsewhere as strongly as here has been moved.
   */
  goBack(board: Board): void {
    for (const { tag } of board.evidence) {
      if (tag.published !== board || tag.hasPassed) continue;
      const believed = tag.evidenceAt(tag.leader);
      if (believed === undefined || believed.board === board || !readsAsOwn(believed, board)) tag.goBack();
      this.#undecided.note(tag);
    }
  }

  /** Tells what was decided while this board could not tell. */
  settleAll(board: Board, at: number, entries: Entry[]): void {
    for (const { tag } of board.evidence) {
      this.#settle(tag, at, entries);
      this.#undecided.note(tag);
    }
    countAnew(board, at);
  }

  /** Whether a tag that was read here belongs here more than to any other board. */
  isAt(board: Board, epc: string): boolean {
    return this.#tags.get(epc)?.likeliestBoard() === board;
  }

  /** Mean read rate of the tags that are here; undefined before any has been learnt. */
  usualRate(board: Board): number | undefined {
    let sum = 0;
    let count = 0;
    for (const { tag, pattern } of board.evidence) {
      if (tag.published !== board) continue;
      sum += pattern.rate;
      count++;
    }
    return count === 0 ? undefined : sum / count;
  }

  /** The first read of what is not decided yet, mono ms, to 10 ms. */
  oldestUndecided(since: number): number | undefined {
    return this.#undecided.oldest(since);
  }

  #observe(evidence: Evidence, at: number): void {
    const { tag, board, sum, round: reads } = evidence;
    const outcome = this.#outcome;
    sum.rounds++;
    if (reads !== undefined) {
      evidence.round = undefined;
      if (sum.reads === 0 && board !== tag.published) evidence.firstRead = reads.first;
      evidence.misses = 0;
      evidence.lastRead = Math.max(evidence.lastRead, reads.last);
      sum.hits++;
      sum.addAll(reads.sum);
      outcome.rssi = reads.sum.rssiBest;
    }
    // A tag that comes again later comes for the first time.
    else if (++evidence.misses >= NEW_RUN_MISSES && board !== tag.published) sum.restart(evidence.lastRead);
    outcome.read = reads !== undefined;
    outcome.previous = evidence.previous;
    outcome.chance = this.#chances.without(evidence, outcome.read);
    tag.observe(evidence, outcome, at);
  }

  #settle(tag: ShelfTag, at: number, entries: Entry[]): void {
    if (tag.leadsAsTold) return;
    const board = tag.leader;
    const old = tag.published;
    if (tag.lead < (old === undefined ? ARRIVAL_MARGIN : MARGIN)) return;
    const here = tag.evidenceAt(board);
    if (here !== undefined && here.sum.hits < MIN_ARRIVAL_READS) return;
    if (here !== undefined && !this.#options.canTell(here.board.readPoint.id)) return;
    if (old !== undefined && !(here !== undefined && readsAsOwn(here, old)) && !this.#misses(old, entries)) return;
    if (old !== undefined) entries.push(departed(tag, old, at));
    tag.place(board, at);
    if (here !== undefined) entries.push(arrived(tag, here, at));
    this.#tags.lookAgain(tag);
  }

  /** That this board reads a tag no more is evidence: it watches, has taken its inventory, and is not deaf. */
  #misses(board: Board, entries: Entry[]): boolean {
    const { canTell, watches, doubt } = this.#options;
    const { id } = board.readPoint;
    if (!canTell(id) || !watches(id)) return false;
    if (!isDeaf(board, this.#boards.values())) return true;
    entries.push(...doubt(id, board.lastRead));
    this.goBack(board);
    return false;
  }

  #seen(evidence: Evidence, at: number, entries: Entry[]): void {
    const { tag, sum, pattern, board } = evidence;
    if (tag.published !== board || isTooSoon(sum, at)) return;
    const verdict = tag.seenRule?.judge(sum, at);
    if (verdict === undefined) return;
    const readPoint = board.readPoint.id;
    if (verdict === "tell") {
      if (!this.#options.canTell(readPoint)) return;
      tag.seenRule?.told(sum, at);
      const draft = {
        type: "seen" as const,
        tag: tag.tag,
        readPoint,
        from: sum.from,
        to: at,
        strength: sum.strength(),
      };
      entries.push({ draft, presence: presenceOf(tag, board, pattern.stored()) });
    }
    sum.restart(at);
  }
}

/** What was read here before the board could not hear says nothing of who is here since. */
function countAnew(board: Board, at: number): void {
  for (const { tag, sum } of board.evidence) if (tag.published === board) sum.restart(at);
}
