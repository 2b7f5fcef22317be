import type { ShelfReadPoint } from "@storeward/contracts";
import type { Entry } from "../../journal/journal.js";
import type { TagRead } from "../../readers/driver.js";
import { SeenRule } from "../seen-rule.js";
import { StrengthSum } from "../strength.js";
import { tagOf } from "../tag-of.js";
import { Board, type RoundReads, rssiOf } from "./board.js";
import { OWN } from "./likelihood.js";
import { Pattern } from "./pattern.js";
import { arrived, departed, parseStored, presenceOf } from "./shelf-entries.js";
import { type Evidence, ShelfTag } from "./shelf-tag.js";

/** How far ahead a place must be before it is told, nats. */
const MARGIN = 2;
/** The first time it must be further ahead: nothing is known yet of how the tag is read. */
const ARRIVAL_MARGIN = 3.5;
/** Ahead by so much there is no doubt. */
const SETTLED = 5;
/** Fewer reads than this at a board are nobody's arrival. */
const MIN_ARRIVAL_READS = 3;
/** Rounds without a read after which the next one begins a new stay. */
const NEW_RUN_MISSES = 12;
/** A tag that is nowhere and was not read for this long is forgotten. */
const FORGET_MS = 60_000;
/** Evidence from a board that has not read a tag for this long is dropped, unless the tag is there. */
const STALE_MS = 120_000;
const MAX_TAGS = 10_000;
/** The others at a board that are expected in a round; with fewer, the round is taken for a fair chance. */
const MIN_EXPECTED = 2;
/** Even in a shadow a miss says something, or whoever empties a board would leave its tags there for ever. */
const MIN_CHANCE = 0.2;
export interface ShelfOptions {
  readonly readPoints: readonly ShelfReadPoint[];
  /** Whether what is told of a read point now counts: it watches, and no inventory is under way. */
  readonly canTell: (readPoint: string) => boolean;
  /** Whether a tag's absence from a read point may be told: it watches wholly. */
  readonly watches: (readPoint: string) => boolean;
}

/**
 * Which tags are on which board. Tags compete between all boards of the device: reads at the neighbouring board make no second
 * presence. Decided by rounds only, so that a reader that tells none makes nothing depart.
 */
export class ShelfPresence {
  readonly #options: ShelfOptions;
  readonly #boards = new Map<string, Board>();
  readonly #tags = new Map<string, ShelfTag>();
  #lastSweep = Number.NEGATIVE_INFINITY;

  constructor(options: ShelfOptions) {
    this.#options = options;
    for (const readPoint of options.readPoints) this.#boards.set(readPoint.id, new Board(readPoint));
  }

  /** Presence as the journal kept it; false where it is no such state. `lastAlive`: when it was last known to hold, mono ms. */
  restore(readPoint: string, epc: string, text: string, lastAlive: number): boolean {
    const board = this.#boards.get(readPoint);
    const stored = parseStored(text);
    if (board === undefined || stored === undefined) return false;
    const tag = new ShelfTag(tagOf({ epc, ...stored }));
    const evidence = tag.at(board, lastAlive);
    tag.away = -Number.MAX_VALUE;
    evidence.weight = 0;
    tag.place(board, lastAlive);
    evidence.pattern = Pattern.restore(OWN, stored.pattern);
    tag.seenRule = new SeenRule(lastAlive, stored.pattern);
    if (stored.pattern.rssi !== undefined) board.learnLevel(stored.pattern.rssi);
    this.#tags.set(epc, tag);
    return true;
  }

  /** Keeps a read for its round; false where there is no room. */
  read(readPoint: string, read: TagRead): boolean {
    return this.#boards.get(readPoint)?.add(read) ?? true;
  }

  /** The tag went through a door: whatever a board still believes, it is told at its next round. */
  passed(epc: string): void {
    this.#tags.get(epc)?.wasAtDoor();
  }

  /** Reads of a round that cannot be told from those of another: they go with no round. */
  discard(readPoint: string): void {
    this.#boards.get(readPoint)?.pending.clear();
  }

  /** The antennas of this read point had a chance to read. Gives the reads of that round, and what follows from it. */
  round(readPoint: string, at: number): { reads: ReadonlyMap<string, RoundReads>; entries: Entry[] } {
    const board = this.#boards.get(readPoint);
    if (board === undefined) return { reads: new Map(), entries: [] };
    const reads = board.pending;
    board.pending = new Map();
    for (const [epc, { read, first }] of reads) this.#tag(epc, read)?.at(board, first);
    const chances = this.#chances(board, reads);
    const entries: Entry[] = [];
    for (const [epc, tag] of this.#tags) {
      const evidence = tag.evidence.get(board);
      if (evidence === undefined) continue;
      this.#observe(tag, evidence, reads.get(epc), chances, at);
      entries.push(...this.#settle(tag, at), ...this.#seen(tag, evidence, at));
    }
    this.#sweep(at);
    return { reads, entries };
  }

  /** Tells what was decided while this read point could not tell. */
  settleAll(at: number): Entry[] {
    const entries: Entry[] = [];
    for (const tag of this.#tags.values()) entries.push(...this.#settle(tag, at));
    return entries;
  }

  /** Whether a tag that was read here belongs here more than to any other board. */
  isAt(readPoint: string, epc: string): boolean {
    return this.#tags.get(epc)?.likeliestBoard()?.readPoint.id === readPoint;
  }

  /** Mean read rate of the tags that are here; undefined before any has been learnt. */
  usualRate(readPoint: string): number | undefined {
    const board = this.#boards.get(readPoint);
    let sum = 0;
    let count = 0;
    for (const tag of this.#tags.values()) {
      if (tag.published === undefined || tag.published !== board) continue;
      const rate = tag.evidence.get(tag.published)?.pattern.rate;
      if (rate === undefined) continue;
      sum += rate;
      count++;
    }
    return count === 0 ? undefined : sum / count;
  }

  /** The first read of what is not decided yet, mono ms. */
  oldestUndecided(since: number): number | undefined {
    let oldest: number | undefined;
    for (const tag of this.#tags.values()) {
      const { board, lead } = tag.leader();
      if (board === tag.published && lead >= SETTLED) continue;
      for (const { firstRead, lastRead, board: at } of tag.evidence.values()) {
        const open = at === tag.published ? lastRead : firstRead;
        if (open >= since) oldest = Math.min(oldest ?? open, open);
      }
    }
    return oldest;
  }

  #tag(epc: string, read: TagRead): ShelfTag | undefined {
    const known = this.#tags.get(epc);
    if (known !== undefined || this.#tags.size >= MAX_TAGS) return known;
    const tag = new ShelfTag(tagOf(read));
    this.#tags.set(epc, tag);
    return tag;
  }

  #observe(tag: ShelfTag, evidence: Evidence, reads: RoundReads | undefined, chances: RoundChances, at: number): void {
    const { board, sum } = evidence;
    sum.rounds++;
    if (reads !== undefined) {
      if (sum.reads === 0 && board !== tag.published) evidence.firstRead = reads.first;
      evidence.misses = 0;
      evidence.lastRead = Math.max(evidence.lastRead, reads.last);
      sum.hits++;
      for (const [antenna, { count, rssiSum, rssiMax }] of reads.antennas)
        sum.add(antenna, count, rssiSum / count, rssiMax);
    }
    // A tag that comes again later comes for the first time.
    else if (++evidence.misses >= NEW_RUN_MISSES && board !== tag.published)
      evidence.sum = new StrengthSum(evidence.lastRead);
    const rssi = reads === undefined ? undefined : rssiOf(reads);
    tag.observe(evidence, { previous: evidence.previous, rssi, chance: chances.without(tag, reads !== undefined) }, at);
  }

  /** How much of a chance this round was: a person before the board, or an antenna that was off, makes everything there miss together. */
  #chances(board: Board, reads: ReadonlyMap<string, RoundReads>): RoundChances {
    let expected = 0;
    let got = 0;
    for (const [epc, tag] of this.#tags) {
      const evidence = tag.published === board ? tag.evidence.get(board) : undefined;
      if (!isReference(evidence)) continue;
      expected += evidence.pattern.rate;
      if (reads.has(epc)) got++;
    }
    return {
      without(tag, wasRead) {
        const own = tag.published === board ? tag.evidence.get(board) : undefined;
        const counted = isReference(own);
        const others = expected - (counted ? own.pattern.rate : 0);
        if (others < MIN_EXPECTED) return 1;
        const share = (got - (counted && wasRead ? 1 : 0)) / others;
        return Math.min(1, Math.max(MIN_CHANCE, (share - 0.2) / 0.5));
      },
    };
  }

  #settle(tag: ShelfTag, at: number): Entry[] {
    const { board, lead } = tag.leader();
    const old = tag.published;
    if (board === old || lead < (old === undefined ? ARRIVAL_MARGIN : MARGIN)) return [];
    const here = board === undefined ? undefined : tag.evidence.get(board);
    if (here !== undefined && here.sum.hits < MIN_ARRIVAL_READS) return [];
    if (here !== undefined && !this.#options.canTell(here.board.readPoint.id)) return [];
    if (old !== undefined) {
      const { canTell, watches } = this.#options;
      if (!canTell(old.readPoint.id) && here === undefined) return [];
      // Absence is evidence only while watching; to be read elsewhere is evidence always.
      if (here === undefined && !watches(old.readPoint.id)) return [];
    }
    const entries: Entry[] = [];
    if (old !== undefined) entries.push(departed(tag, old, at));
    tag.place(board, at);
    if (here !== undefined) entries.push(arrived(tag, here, at));
    return entries;
  }

  #seen(tag: ShelfTag, evidence: Evidence, at: number): Entry[] {
    if (tag.published !== evidence.board) return [];
    const { sum, pattern, board } = evidence;
    const verdict = tag.seenRule.judge(sum, at);
    if (verdict === undefined || (verdict === "tell" && !this.#options.canTell(board.readPoint.id))) return [];
    evidence.sum = new StrengthSum(at);
    if (verdict === "over") return [];
    tag.seenRule.told(sum, at);
    const readPoint = board.readPoint.id;
    const draft = { type: "seen" as const, tag: tag.tag, readPoint, from: sum.from, to: at, strength: sum.strength() };
    return [{ draft, presence: presenceOf(tag, board, pattern.stored()) }];
  }

  #sweep(now: number): void {
    if (now - this.#lastSweep < 5_000) return;
    this.#lastSweep = now;
    for (const [epc, tag] of this.#tags) {
      for (const { board, lastRead } of tag.evidence.values())
        if (board !== tag.published && now - lastRead > STALE_MS && !tag.mayReturn(now)) tag.evidence.delete(board);
      if (tag.published !== undefined || tag.mayReturn(now)) continue;
      const lastRead = [...tag.evidence.values()].reduce((a, b) => Math.max(a, b.lastRead), Number.NEGATIVE_INFINITY);
      if (now - lastRead > FORGET_MS) this.#tags.delete(epc);
    }
  }
}

/** Its misses say something of the board: it is known, and not itself on its way out. */
function isReference(evidence: Evidence | undefined): evidence is Evidence {
  return evidence?.pattern.learnt === true && evidence.misses < NEW_RUN_MISSES;
}

interface RoundChances {
  without(tag: ShelfTag, wasRead: boolean): number;
}
