import type { Claim, Passage } from "../claims.js";

export interface PassageFigures {
  passages: number;
  /** Those while every antenna of the portal watched, and how many of them were found. */
  watched: number;
  watchedFound: number;
  /** Told, and those of them that were one; each is one passage at most. */
  told: number;
  found: number;
  rightDirection: number;
  /** From the passage until it was told, ms. */
  toldAfter: number[];
}

export type ToldPassage = Extract<Claim, { type: "passed" }>;

interface True extends Passage {
  readonly watched: boolean;
  found: boolean;
}

/** A passage told is a true one of the same tag at the same portal that happened at most so long before or after it, ms. */
export const MATCH_MS = 4_000;

/** Compares the passages told with the true ones. */
export class PassageScore {
  readonly #from: number;
  readonly #truth = new Map<string, True[]>();
  readonly #waiting: ToldPassage[] = [];
  readonly figures: PassageFigures = {
    passages: 0,
    watched: 0,
    watchedFound: 0,
    told: 0,
    found: 0,
    rightDirection: 0,
    toldAfter: [],
  };

  /** What happens before `from`, ms, is not counted. */
  constructor(from: number) {
    this.#from = from;
  }

  /** `watched`: whether every antenna of the portal was watching. */
  fact(passage: Passage, watched: boolean): void {
    const key = keyOf(passage);
    const known = this.#truth.get(key) ?? [];
    this.#truth.set(key, known);
    known.push({ ...passage, watched, found: false });
    if (passage.at < this.#from) return;
    this.figures.passages++;
    if (watched) this.figures.watched++;
  }

  told(passage: ToldPassage): void {
    this.#waiting.push(passage);
  }

  /** Every passage until `now` is known: judges what can be judged. */
  settle(now: number): void {
    while (this.#waiting[0] !== undefined && this.#waiting[0].told + MATCH_MS < now) {
      const told = this.#waiting.shift();
      if (told !== undefined) this.#judge(told);
    }
  }

  #judge(told: ToldPassage): void {
    let best: True | undefined;
    for (const one of this.#truth.get(keyOf(told)) ?? [])
      if (!one.found && apart(one, told) <= MATCH_MS && (best === undefined || apart(one, told) < apart(best, told)))
        best = one;
    if (best !== undefined) best.found = true;
    if ((best?.at ?? told.at) < this.#from) return;
    this.figures.told++;
    if (best === undefined) return;
    this.figures.found++;
    if (best.watched) this.figures.watchedFound++;
    if (best.direction === told.direction) this.figures.rightDirection++;
    this.figures.toldAfter.push(told.told - best.at);
  }
}

function keyOf({ epc, readPoint }: Passage): string {
  return `${readPoint} ${epc}`;
}

function apart(a: Passage, b: Passage): number {
  return Math.abs(a.at - b.at);
}
