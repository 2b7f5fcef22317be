import type { Presence } from "../claims.js";

export interface PresenceFigures {
  /** Tag time told, true, and both, ms. */
  toldMs: number;
  trueMs: number;
  bothMs: number;
  /** Stays that began and were long enough to be found, and those never told. */
  stays: number;
  missedStays: number;
  /** Departures told of tags that were still there. */
  falseDepartures: number;
  /** Departures told while an antenna there was dark, of tags that were read nowhere else: true by chance only. */
  blindDepartures: number;
  /** From the beginning of a stay, and from its end, until it was told, ms. */
  arrivedAfter: number[];
  departedAfter: number[];
}

interface State {
  /** Since when it is there, ms. */
  truth: number | undefined;
  told: number | undefined;
  /** Everything before this is counted. */
  counted: number;
  /** A stay that is not told yet began then; one that is not told to be over ended then. */
  began: number | undefined;
  ended: number | undefined;
  /** A departure that is false unless the stay is nearly over. */
  left: number | undefined;
}

export interface PresenceScoreOptions {
  /** What is told and true before is not counted, ms. */
  readonly from: number;
  /** The truth is not known better than this, ms. */
  readonly tolerance: number;
}

/** Compares who is told to be on a shelf with who is. Facts, claims and coverage come together in order of time. */
export class PresenceScore {
  readonly #options: PresenceScoreOptions;
  readonly #states = new Map<string, State>();
  readonly #blind = new Set<string>();
  #leftBlind: { readonly epc: string; readonly told: number } | undefined;
  readonly figures: PresenceFigures = {
    toldMs: 0,
    trueMs: 0,
    bothMs: 0,
    stays: 0,
    missedStays: 0,
    falseDepartures: 0,
    blindDepartures: 0,
    arrivedAfter: [],
    departedAfter: [],
  };

  constructor(options: PresenceScoreOptions) {
    this.#options = options;
  }

  fact({ type, epc, readPoint, at }: Presence): void {
    const state = this.#count(epc, readPoint, at);
    if (type === "present") {
      if (state.truth !== undefined) return;
      state.truth = at;
      state.ended = undefined;
      if (at < this.#options.from) return;
      this.figures.stays++;
      if (state.told === undefined) state.began = at;
      else this.figures.arrivedAfter.push(0);
      return;
    }
    if (state.truth === undefined) return;
    this.#judgeLeft(state, at);
    state.truth = undefined;
    if (state.began !== undefined) this.figures.missedStays++;
    state.began = undefined;
    if (state.told !== undefined && at >= this.#options.from) state.ended = at;
  }

  told({ type, epc, readPoint, at }: Presence): void {
    const state = this.#count(epc, readPoint, at);
    const counts = at >= this.#options.from;
    if (type === "present") {
      this.#judgeBlind(epc, at);
      if (state.told === undefined) state.told = at;
      if (state.began !== undefined) this.figures.arrivedAfter.push(at - state.began);
      state.began = undefined;
      return;
    }
    if (state.told === undefined) return;
    this.#judgeBlind("", at);
    state.told = undefined;
    if (state.ended !== undefined) this.figures.departedAfter.push(at - state.ended);
    state.ended = undefined;
    if (!counts) return;
    this.#judgeLeft(state, at);
    if (state.truth !== undefined) state.left = at;
    if (this.#blind.has(readPoint)) this.#leftBlind = { epc, told: at };
  }

  /** Whether every antenna of a read point watches. */
  cover(readPoint: string, watches: boolean): void {
    if (watches) this.#blind.delete(readPoint);
    else this.#blind.add(readPoint);
  }

  watches(readPoint: string): boolean {
    return !this.#blind.has(readPoint);
  }

  end(at: number): void {
    this.#judgeBlind("", at);
    for (const state of this.#states.values()) {
      this.#add(state, at);
      this.#judgeLeft(state, Number.POSITIVE_INFINITY);
      // Nobody knows whether it would have been told in time.
      if (state.began !== undefined) this.figures.stays--;
    }
    this.#states.clear();
  }

  #count(epc: string, readPoint: string, at: number): State {
    const key = `${readPoint} ${epc}`;
    let state = this.#states.get(key);
    if (state === undefined) {
      state = { truth: undefined, told: undefined, counted: at, began: undefined, ended: undefined, left: undefined };
      this.#states.set(key, state);
    }
    this.#add(state, at);
    return state;
  }

  #add(state: State, at: number): void {
    const ms = Math.max(0, at - Math.max(state.counted, this.#options.from));
    state.counted = Math.max(state.counted, at);
    if (state.told !== undefined) this.figures.toldMs += ms;
    if (state.truth !== undefined) this.figures.trueMs += ms;
    if (state.told !== undefined && state.truth !== undefined) this.figures.bothMs += ms;
  }

  /** The stay during which a departure was told is known to go on until `at`. */
  #judgeLeft(state: State, at: number): void {
    if (state.left !== undefined && at - state.left > this.#options.tolerance) this.figures.falseDepartures++;
    state.left = undefined;
  }

  /** To be read elsewhere is evidence also where nobody watches: whoever arrives in the same moment has moved. */
  #judgeBlind(arrived: string, at: number): void {
    const left = this.#leftBlind;
    if (left !== undefined && (left.epc !== arrived || left.told !== at)) this.figures.blindDepartures++;
    this.#leftBlind = undefined;
  }
}
