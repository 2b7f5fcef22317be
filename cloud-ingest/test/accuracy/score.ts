import type { Locator, Move } from "./locator.js";

/** A thing that was truly somewhere from then on. */
export interface TrueMove extends Move {
  readonly epc: string;
}

/** What one locator made of one run. Sums, so that runs can be put together. */
export interface Score {
  /** Of all things together, s. */
  seconds: number;
  /** In which the place named was the true one. */
  right: number;
  /** In which a place was claimed that was not the true one. */
  claimedWrong: number;
  /** In which nobody claimed to know. */
  unknown: number;
  /** The sum of Brier scores over all places, each from 0 to 2, once a second. */
  brier: number;
  /** By confidence, in tenths, the highest in two: seconds, and those in which it was right. */
  readonly reliability: { seconds: number; right: number }[];
  /** As known at the end: seconds, and those in which the place known was the true one. */
  knownSeconds: number;
  knownRight: number;
  trueMoves: number;
  toldMoves: number;
  /** Moves told that match a true one. */
  foundMoves: number;
  /** Moves told of things that were not there within a minute of it. */
  falseMoves: number;
  /** From a true move to the moment its place was first named, s. */
  readonly latencies: number[];
  /** Seconds in which a place was named with more than 0.9 that was wrong. */
  sureWrong: number;
  /** Longest time without a break, s. */
  longestSureWrong: number;
  /** Times without a break of more than five minutes. */
  sureWrongTooLong: number;
}

export const SURE = 0.9;
const TOO_LONG_S = 300;
/** A move told matches a true one that happened at most so long before or after it, ms. */
const MATCH_MS = 20_000;
const FALSE_MS = 60_000;
export const BINS = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1.01];

export function emptyScore(): Score {
  return {
    seconds: 0,
    right: 0,
    claimedWrong: 0,
    unknown: 0,
    brier: 0,
    reliability: BINS.map(() => ({ seconds: 0, right: 0 })),
    knownSeconds: 0,
    knownRight: 0,
    trueMoves: 0,
    toldMoves: 0,
    foundMoves: 0,
    falseMoves: 0,
    latencies: [],
    sureWrong: 0,
    longestSureWrong: 0,
    sureWrongTooLong: 0,
  };
}

interface Watched {
  sureWrongSince: number | undefined;
  /** The true move that nobody has named yet. */
  waitsFor: Move | undefined;
}

/** Keeps the score of one locator through a run. Times are ms. */
export class ScoreKeeper {
  readonly score = emptyScore();
  readonly locator: Locator;
  readonly #from: number;
  readonly #items = new Map<string, Watched>();

  constructor(locator: Locator, from: number) {
    this.locator = locator;
    this.#from = from;
  }

  /** @param truth where each thing is now, and since when; `seconds` since the last look */
  look(now: number, seconds: number, truth: readonly TrueMove[]): void {
    if (now < this.#from) return;
    const { score } = this;
    for (const { epc, place, at: since } of truth) {
      const item = this.#items.get(epc) ?? { sureWrongSince: undefined, waitsFor: undefined };
      this.#items.set(epc, item);
      const { place: named, p, claimed, others = [] } = this.locator.answer(epc, now);
      const isRight = named === place;
      score.seconds += seconds;
      if (isRight) score.right += seconds;
      if (!claimed) score.unknown += seconds;
      else if (!isRight) score.claimedWrong += seconds;
      score.brier += seconds * brierOf(place, named === undefined ? others : [{ place: named, p }, ...others]);
      const bin = score.reliability[BINS.findIndex((upper) => p < upper)];
      if (bin !== undefined && named !== undefined) {
        bin.seconds += seconds;
        if (isRight) bin.right += seconds;
      }
      if (p > SURE && !isRight) {
        item.sureWrongSince ??= now;
        score.sureWrong += seconds;
        score.longestSureWrong = Math.max(score.longestSureWrong, (now - item.sureWrongSince) / 1000);
      } else this.#endSureWrong(item, now);
      if (since >= this.#from && since > (item.waitsFor?.at ?? -1)) item.waitsFor = { at: since, place };
      if (item.waitsFor !== undefined && isRight && item.waitsFor.at === since && item.waitsFor.place === place) {
        score.latencies.push((now - since) / 1000);
        item.waitsFor = { at: since, place: "" };
      }
    }
  }

  /** @param moves all that truly moved, by thing, in order */
  end(now: number, moves: ReadonlyMap<string, readonly Move[]>): void {
    for (const item of this.#items.values()) this.#endSureWrong(item, now);
    for (const [epc, all] of moves) this.#judgeHistory(all, this.locator.moves(epc), now);
  }

  #endSureWrong(item: Watched, now: number): void {
    if (item.sureWrongSince !== undefined && now - item.sureWrongSince > TOO_LONG_S * 1000)
      this.score.sureWrongTooLong++;
    item.sureWrongSince = undefined;
  }

  #judgeHistory(truth: readonly Move[], told: readonly Move[], end: number): void {
    const { score } = this;
    const from = this.#from;
    score.knownSeconds += (end - from) / 1000;
    score.knownRight += overlap(truth, told, from, end) / 1000;
    const due = truth.slice(1).filter(({ at }) => at >= from && at < end - MATCH_MS);
    const said = told.slice(1).filter(({ at }) => at >= from - MATCH_MS && at < end);
    const free = new Set(truth.slice(1));
    let found = 0;
    for (const move of said) {
      const match = [...free].find(({ at, place }) => place === move.place && Math.abs(at - move.at) <= MATCH_MS);
      if (match !== undefined) {
        free.delete(match);
        found++;
      } else if (!wasAt(truth, move.place, move.at - FALSE_MS, move.at + FALSE_MS)) score.falseMoves++;
    }
    score.trueMoves += due.length;
    score.toldMoves += said.length;
    score.foundMoves += found;
  }
}

/** The squared distance between what is said of every place and what is true; what is said of none is spread thin. */
function brierOf(place: string, said: readonly { place: string; p: number }[]): number {
  const own = said.find((one) => one.place === place)?.p ?? 0;
  return said.reduce((sum, one) => sum + (one.place === place ? 0 : one.p ** 2), (1 - own) ** 2);
}

function wasAt(moves: readonly Move[], place: string, from: number, to: number): boolean {
  return moves.some(
    (move, index) => move.place === place && move.at <= to && (moves[index + 1]?.at ?? Infinity) >= from,
  );
}

/** For how long the two say the same, ms. */
function overlap(a: readonly Move[], b: readonly Move[], from: number, to: number): number {
  const cuts = [...new Set([from, ...a.map(({ at }) => at), ...b.map(({ at }) => at)])]
    .filter((at) => at >= from && at < to)
    .sort((x, y) => x - y);
  const at = (moves: readonly Move[], time: number) => moves.findLast((move) => move.at <= time)?.place;
  let same = 0;
  for (const [index, cut] of cuts.entries())
    if (at(a, cut) !== undefined && at(a, cut) === at(b, cut)) same += (cuts[index + 1] ?? to) - cut;
  return same;
}
