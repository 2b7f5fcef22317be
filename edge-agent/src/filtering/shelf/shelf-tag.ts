import type { Tag } from "@storeward/contracts";
import { SeenRule } from "../seen-rule.js";
import { StrengthSum } from "../strength.js";
import type { Board } from "./board.js";
import { ACROSS, learnt, type Outcome, OWN, usual } from "./likelihood.js";
import { Pattern } from "./pattern.js";

/** Evidence counts for less than it says, for reads in a row share their cause. */
const TEMPER = 0.8;
/** Rounds of one board that are so far apart count wholly, ms. */
const INDEPENDENT_MS = 400;
/** No single round says more than this, nats. */
const MAX_PER_ROUND = 3;
/**
 * How sure it must be, nats, before a tag that is nowhere is somewhere, one on a board is on another, or nowhere. Half a minute of a
 * busy shelf has ten thousand chances for a false move, and a false arrival is corrected sooner than a false departure.
 */
const INERTIA = { arrive: 7, move: 12, leave: 15 } as const;
/** That a tag behaves as tags do and no longer as this one did, nats. */
const UNLIKE_ITSELF = 1.5;
const RSSI_STEP = 0.25;
/** What was read so long ago says nothing of how strongly the tag is read now, ms. */
const LEVEL_MS = 3_000;
/** Rounds that were less of a chance teach nothing. */
const FAIR_CHANCE = 0.5;
const MAX_UNLEARNT = 300;
/** Who is back on the same board so soon had never left, ms; nats that it is given, each time and at most. */
const RETURN_MS = 600_000;
const PATIENCE = 4;
const MAX_PATIENCE = 12;
/** Head start over nowhere of a board that a tag is told to be on, nats. */
const SETTLES = 9;
/** Boards at which one tag is followed; the faintest gives way. */
const MAX_BOARDS = 8;

/** What one board has to say of one tag. */
export interface Evidence {
  readonly board: Board;
  /** Log of how likely the tag is here, the most likely place being 0. */
  weight: number;
  pattern: Pattern;
  previous: boolean;
  /** Mean of the last reads, dBm. */
  rssi: number;
  lastRound: number;
  /** Misses that nothing has yet shown to be misses of a tag that is there: whether each came after a read. */
  unlearnt: boolean[];
  /** Rounds without a read since the last one. */
  misses: number;
  firstRead: number;
  lastRead: number;
  sum: StrengthSum;
}

/**
 * Where one tag is among the boards of this device, or nowhere near them: a hidden Markov model over those places with tempered evidence
 * from every round of every board that has read it. The inertia bounds what has been believed long, so that a change is seen in a time
 * that does not grow.
 */
export class ShelfTag {
  readonly tag: Tag;
  readonly evidence = new Map<Board, Evidence>();
  away = 0;
  /** Where the journal has it. */
  published: Board | undefined;
  /** Where it was before it was nowhere. */
  #left: { board: Board; pattern: Pattern; at: number } | undefined;
  /** Nats added to the inertia. */
  #patience = 0;
  seenRule = new SeenRule(0, { rate: 0 });

  constructor(tag: Tag) {
    this.tag = tag;
  }

  /** Whether it was on a board so lately that it may be found not to have left. */
  mayReturn(now: number): boolean {
    return this.#left !== undefined && now - this.#left.at < RETURN_MS;
  }

  at(board: Board, now: number): Evidence {
    const known = this.evidence.get(board);
    if (known !== undefined) return known;
    if (this.evidence.size >= MAX_BOARDS) this.#dropFaintest();
    const floor = this.away === 0 ? -INERTIA.arrive : -INERTIA.move;
    const own = this.published === undefined ? undefined : this.evidence.get(this.published);
    // Every round so far was a miss here.
    const never = Pattern.restore(ACROSS, { n: own?.pattern.rounds ?? 0, rate: 0 });
    const made = {
      board,
      weight: floor,
      pattern: never,
      previous: false,
      rssi: board.level,
      lastRound: now - INDEPENDENT_MS,
      misses: 0,
      unlearnt: [],
      firstRead: now,
      lastRead: now,
      sum: new StrengthSum(now),
    };
    this.evidence.set(board, made);
    return made;
  }

  /** The most likely place: its board (undefined: nowhere near), and by how many nats it leads. */
  leader(): { board: Board | undefined; lead: number } {
    let best: Board | undefined;
    let first = this.away;
    let second = Number.NEGATIVE_INFINITY;
    for (const { board, weight } of this.evidence.values()) {
      if (weight > first) {
        second = first;
        first = weight;
        best = board;
      } else second = Math.max(second, weight);
    }
    return { board: best, lead: first - second };
  }

  /** The likeliest board, should it be on any. */
  likeliestBoard(): Board | undefined {
    let best: Evidence | undefined;
    for (const evidence of this.evidence.values())
      if (best === undefined || evidence.weight > best.weight) best = evidence;
    return best?.board;
  }

  /** Takes what a round of the board of `seen` said of this tag. */
  observe(seen: Evidence, outcome: Outcome, at: number): void {
    // A fast reader does not know more: what hides a tag in one round hides it in the next.
    const independence = Math.min(1, Math.max(0, at - seen.lastRound) / INDEPENDENT_MS);
    seen.lastRound = at;
    const here = this.published;
    const own = here === undefined ? undefined : this.evidence.get(here);
    if (outcome.rssi !== undefined) seen.rssi += (outcome.rssi - seen.rssi) * (seen.sum.hits <= 1 ? 1 : RSSI_STEP);
    // Tags differ more than boards do: wherever it is, its own board is the one that reads it best.
    const level = this.#level(at) ?? seen.board.level;
    const likelihoods = [usual(outcome, "away", seen.board.level)];
    const all = [...this.evidence.values()];
    for (const { board } of all) {
      const common = usual(outcome, board === seen.board ? "own" : "across", level);
      // What was learnt may be over: somebody has turned the thing round, or put another before it.
      if (board !== here || !own?.pattern.learnt) likelihoods.push(common);
      else likelihoods.push(Math.max(learnt(outcome, seen.pattern, level), common - UNLIKE_ITSELF));
    }
    const best = Math.max(...likelihoods);
    const said = (likelihood: number | undefined): number =>
      TEMPER * independence * Math.max((likelihood ?? best) - best, -MAX_PER_ROUND);
    this.away += said(likelihoods[0]);
    all.forEach((evidence, index) => {
      evidence.weight += said(likelihoods[index + 1]);
    });
    this.#normalise();
    this.#learn(seen, outcome);
    seen.previous = outcome.rssi !== undefined;
  }

  /** It was at a door a moment ago, and so on no board; reads at one will tell if it was not. */
  wasAtDoor(): void {
    this.away = 0;
    for (const evidence of this.evidence.values()) evidence.weight = -INERTIA.arrive;
  }

  /**
   * The tag is at another place now: what was learnt there says nothing here. One that comes back to where it was before it was nowhere
   * had not left: it is missed more often than was known, and will be given more time.
   */
  place(board: Board | undefined, at: number): void {
    const left = this.published === undefined ? undefined : this.evidence.get(this.published);
    if (left !== undefined && board === undefined) this.#left = { board: left.board, pattern: left.pattern, at };
    const returned = board !== undefined && this.#left?.board === board && at - this.#left.at < RETURN_MS;
    if (returned) this.#patience = Math.min(MAX_PATIENCE, this.#patience + PATIENCE);
    for (const evidence of this.evidence.values()) {
      const own = evidence.board === board;
      evidence.pattern =
        own && returned && this.#left !== undefined ? this.#left.pattern : new Pattern(own ? OWN : ACROSS);
      // While it was thought to be nowhere it was there, and missed.
      if (!own || !returned) evidence.unlearnt = [];
    }
    if (board !== undefined) {
      this.#left = undefined;
      this.away = Math.min(this.away, returned ? -INERTIA.leave - this.#patience : -SETTLES);
    }
    this.published = board;
  }

  /** How strongly the board that reads it best does so, dBm; undefined where none has of late. */
  #level(now: number): number | undefined {
    let level: number | undefined;
    for (const { rssi, lastRead } of this.evidence.values())
      if (now - lastRead < LEVEL_MS) level = Math.max(level ?? rssi, rssi);
    return level;
  }

  #normalise(): void {
    let max = this.away;
    for (const { weight } of this.evidence.values()) max = Math.max(max, weight);
    const somewhere = this.away < max;
    this.away = Math.max(this.away - max, -INERTIA.leave - this.#patience);
    const floor = somewhere ? -INERTIA.move - this.#patience : -INERTIA.arrive;
    for (const evidence of this.evidence.values()) evidence.weight = Math.max(evidence.weight - max, floor);
  }

  /**
   * Learns only while there is no doubt, and misses only once a read at its board has shown that the tag was there: else the first misses
   * after it was taken would teach that it is often missed.
   */
  #learn(seen: Evidence, { previous, rssi, chance }: Outcome): void {
    if (this.published === undefined) {
      if (rssi === undefined && seen.board === this.#left?.board && seen.unlearnt.length < MAX_UNLEARNT)
        seen.unlearnt.push(previous);
      return;
    }
    const { board, lead } = this.leader();
    if (board !== this.published || lead < INERTIA.leave / 2) return;
    if (rssi === undefined) {
      if (chance >= FAIR_CHANCE && seen.unlearnt.length < MAX_UNLEARNT) seen.unlearnt.push(previous);
      return;
    }
    if (seen.board === this.published) {
      for (const evidence of this.evidence.values()) {
        for (const before of evidence.unlearnt) evidence.pattern.learn(before, undefined);
        evidence.unlearnt = [];
      }
      seen.board.learnLevel(rssi);
    }
    seen.pattern.learn(previous, rssi);
  }

  #dropFaintest(): void {
    let faintest: Evidence | undefined;
    for (const evidence of this.evidence.values())
      if (evidence.board !== this.published && (faintest === undefined || evidence.weight < faintest.weight))
        faintest = evidence;
    if (faintest !== undefined) this.evidence.delete(faintest.board);
  }
}
