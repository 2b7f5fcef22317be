import type { SeenRule } from "../seen-rule.js";
import type { Board } from "./board.js";
import type { Evidence } from "./evidence.js";
import { FollowedTag } from "./followed-tag.js";
import { ACROSS, across, away, learnt, type Outcome, OWN, own } from "./likelihood.js";
import type { Pattern, StoredPattern } from "./pattern.js";
import { MAX_BOARDS, NOWHERE, WEIGHT } from "./places.js";

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
/** Who is back on the same board so soon had never left, ms; nats that it is given, each time and at most. */
const RETURN_MS = 600_000;
const PATIENCE = 4;
const MAX_PATIENCE = 12;
/**
 * Unless it was missed more than is likely of a tag that is read as that one was, nats. Where rounds are five a second some 40 of them make a tag gone; of 141
 * tags of the simulated hospital that were back after more than 60, 139 had been carried away, and nothing had been learnt of the other two.
 */
const HAD_LEFT = 60;
/** Head start over nowhere of a board that a tag is told to be on, nats. */
const SETTLES = 9;
/** What a round says of each board in turn, for one tag after the other. */
const likelihoods = new Float64Array(MAX_BOARDS);

/**
 * Where one tag is among the boards of this device, or nowhere near them: a hidden Markov model over those places with tempered evidence
 * from every round of every board that has read it. The inertia bounds what has been believed long, so that a change is seen in a time
 * that does not grow.
 */
export class ShelfTag extends FollowedTag {
  seenRule: SeenRule | undefined;
  /** It went through a door and has been read on no board since. */
  hasPassed = false;
  /** Where it was before it was nowhere. */
  #left: { board: Board; pattern: Pattern; at: number } | undefined;
  /** Nats added to the inertia. */
  #patience = 0;
  /** It has been told where it is, and enough is learnt of how it is read there. */
  #isKnown = false;

  /** Whether it was on a board so lately that it may be found not to have left. */
  mayReturn(now: number): boolean {
    return this.#left !== undefined && now - this.#left.at < RETURN_MS;
  }

  /** When that is over; minus infinity where it never was. */
  get mayReturnUntil(): number {
    return this.#left === undefined ? Number.NEGATIVE_INFINITY : this.#left.at + RETURN_MS;
  }

  /** Follows it at another board from `now` on. */
  begin(board: Board, now: number): Evidence {
    const made = board.about(this, this.addPlace(), now);
    made.weight = this.away === 0 ? -INERTIA.arrive : -INERTIA.move;
    // Every round so far was a miss here.
    made.pattern.restoreMisses(ACROSS, this.evidenceAt(this.published)?.pattern.rounds ?? 0);
    made.rssi = board.level;
    made.lastRound = now - INDEPENDENT_MS;
    this.append(made);
    this.rank();
    return made;
  }

  /** It is as if it had never been read; there is no evidence any more. */
  forget(): void {
    this.serial = Number.NaN;
    this.#left = undefined;
    this.#patience = 0;
    this.removeAll();
  }

  /** Takes what a round of the board of `seen` said of this tag. */
  observe(seen: Evidence, outcome: Outcome, at: number): void {
    // A fast reader does not know more: what hides a tag in one round hides it in the next.
    const independence = Math.min(1, Math.max(0, at - seen.lastRound) / INDEPENDENT_MS);
    seen.lastRound = at;
    if (outcome.read) this.hasPassed = false;
    if (outcome.read) seen.rssi += (outcome.rssi - seen.rssi) * (seen.sum.hits <= 1 ? 1 : RSSI_STEP);
    const nowhere = away.of(outcome, seen.board.level);
    const best = Math.max(nowhere, this.#compare(seen, outcome, at));
    const weight = TEMPER * independence;
    this.away += weight * Math.max(nowhere - best, -MAX_PER_ROUND);
    for (let place = 0; place < this.boards; place++) {
      const says = weight * Math.max((likelihoods[place] ?? 0) - best, -MAX_PER_ROUND);
      this.setNumber(place, WEIGHT, this.numberOf(place, WEIGHT) + says);
    }
    this.#normalise();
    this.rank();
    if (seen.place === this.told && seen.board.silentRounds === 0) this.held = seen.weight - this.away;
    this.#learn(seen, outcome);
    seen.previous = outcome.read;
  }

  /** It was at a door a moment ago, and so on no board; reads at one will tell if it was not. */
  wasAtDoor(): void {
    this.hasPassed = true;
    this.away = 0;
    this.held = -INERTIA.arrive;
    for (let evidence = this.evidence; evidence !== undefined; evidence = evidence.next)
      evidence.weight = -INERTIA.arrive;
    this.rank();
  }

  /** What was believed since its board last heard anything is void: it is where it is told to be, as surely as it was then. */
  goBack(): void {
    const here = this.evidenceAt(this.published);
    if (here === undefined) return;
    const { weight } = here;
    this.away = -this.held;
    for (let evidence = this.evidence; evidence !== undefined; evidence = evidence.next) {
      evidence.weight = evidence === here ? 0 : Math.min(evidence.weight - weight, -INERTIA.move);
      evidence.forgetMisses();
    }
    this.rank();
  }

  /** It was on the board of `evidence`, alone and for long, and was read there so. */
  restore(evidence: Evidence, pattern: StoredPattern, at: number): void {
    this.away = -Number.MAX_VALUE;
    evidence.weight = 0;
    this.place(evidence.board, at);
    evidence.pattern.restore(OWN, pattern);
    this.#isKnown = evidence.pattern.learnt;
  }

  /**
   * The tag is at another place now: what was learnt there says nothing here. One that comes back to where it was before it was nowhere
   * had not left, if that can be: it is missed more often than was known, and will be given more time.
   */
  place(board: Board | undefined, at: number): void {
    const leaves = this.evidenceAt(this.published);
    if (leaves !== undefined && board === undefined)
      this.#left = { board: leaves.board, pattern: leaves.pattern.copy(), at };
    const left = this.#left;
    const returned = left !== undefined && left.board === board && at - left.at < RETURN_MS && !this.#hadLeft(left);
    if (returned) this.#patience = Math.min(MAX_PATIENCE, this.#patience + PATIENCE);
    for (let evidence = this.evidence; evidence !== undefined; evidence = evidence.next) {
      const here = evidence.board === board;
      // While it was thought to be nowhere it was there, and missed.
      if (here && returned) evidence.pattern.take(left.pattern);
      else {
        evidence.pattern.forget(here ? OWN : ACROSS);
        evidence.forgetMisses();
      }
    }
    if (board !== undefined) {
      this.#left = undefined;
      this.away = Math.min(this.away, returned ? -INERTIA.leave - this.#patience : -SETTLES);
      this.held = -Math.max(this.away, -INERTIA.leave - this.#patience);
    }
    this.#tell(board);
    this.rank();
  }

  #hadLeft({ board, pattern }: { readonly board: Board; readonly pattern: Pattern }): boolean {
    return pattern.learnt && (this.evidenceAt(board)?.surpriseAt(pattern) ?? 0) > HAD_LEFT;
  }

  #tell(board: Board | undefined): void {
    const here = this.evidenceAt(board);
    this.published = board;
    this.told = here?.place ?? NOWHERE;
    this.#isKnown = here?.pattern.learnt === true;
  }

  /** Says how likely the outcome was on each of the boards, in `likelihoods`; gives the best. */
  #compare(seen: Evidence, outcome: Outcome, at: number): number {
    // Tags differ more than boards do: wherever it is, its own board is the one that reads it best.
    const level = this.#levelNow(at, seen.board.level);
    const elsewhere = across.of(outcome, level);
    let best = Number.NEGATIVE_INFINITY;
    for (let place = 0; place < this.boards; place++) {
      const common = place === seen.place ? own.of(outcome, level) : elsewhere;
      // What was learnt may be over: somebody has turned the thing round, or put another before it.
      const likelihood =
        this.#isKnown && place === this.told
          ? Math.max(learnt(outcome, seen.pattern, level), common - UNLIKE_ITSELF)
          : common;
      likelihoods[place] = likelihood;
      best = Math.max(best, likelihood);
    }
    return best;
  }

  /**
   * How strongly the board that reads it best does so, dBm; `usual` where none has of late. That its own board hears nothing makes no other
   * the best.
   */
  #levelNow(now: number, usual: number): number {
    const { published } = this;
    if (published === undefined || published.hears) return this.level(now, LEVEL_MS, usual);
    const own = this.evidenceAt(published)?.pattern.rssi;
    return own === undefined ? this.level(now, LEVEL_MS, usual) : Math.max(own, this.level(now, LEVEL_MS, own));
  }

  #normalise(): void {
    let max = this.away;
    for (let place = 0; place < this.boards; place++) max = Math.max(max, this.numberOf(place, WEIGHT));
    const somewhere = this.away < max;
    this.away = Math.max(this.away - max, -INERTIA.leave - this.#patience);
    const floor = somewhere ? -INERTIA.move - this.#patience : -INERTIA.arrive;
    for (let place = 0; place < this.boards; place++)
      this.setNumber(place, WEIGHT, Math.max(this.numberOf(place, WEIGHT) - max, floor));
  }

  /**
   * Learns only while there is no doubt, and misses only once a read at its board has shown that the tag was there: else the first misses
   * after it was taken would teach that it is often missed. How others read it is learnt only while its own board hears: of what they read
   * meanwhile no miss would ever be learnt.
   */
  #learn(seen: Evidence, { previous, read, rssi, chance }: Outcome): void {
    if (this.published === undefined) {
      if (!read && seen.board === this.#left?.board) seen.doubtMiss(previous);
      return;
    }
    if (!this.leadsAsTold || this.lead < INERTIA.leave / 2) return;
    if (seen.place !== this.told && !this.published.hears) return;
    if (!read) {
      if (chance >= FAIR_CHANCE) seen.doubtMiss(previous);
      return;
    }
    const isHere = seen.place === this.told;
    if (isHere) {
      for (let evidence = this.evidence; evidence !== undefined; evidence = evidence.next) evidence.learnMisses();
      seen.board.learnLevel(rssi);
    }
    seen.pattern.learnRead(previous, rssi);
    if (isHere) this.#isKnown = seen.pattern.learnt;
  }
}
