import type { Board } from "./board.js";
import type { Evidence } from "./evidence.js";

/** Rounds without a read after which the next one begins a new stay. */
export const NEW_RUN_MISSES = 12;
/** The others at a board that are expected in a round; with fewer, the round is taken for a fair chance. */
const MIN_EXPECTED = 2;
/** Even in a shadow a miss says something, or whoever empties a board would leave its tags there for ever. */
const MIN_CHANCE = 0.2;

/** How much of a chance a round was: a person before the board, or an antenna that was off, makes everything there miss together. */
export class RoundChances {
  #expected = 0;
  #got = 0;

  /** Compares the reads of a round with what is expected of the tags that are known there. */
  begin(board: Board): void {
    this.#expected = 0;
    this.#got = 0;
    for (const evidence of board.evidence) {
      if (!isReference(evidence)) continue;
      this.#expected += evidence.pattern.rate;
      if (evidence.round !== undefined) this.#got++;
    }
  }

  /** The chance as the others tell it. */
  without(evidence: Evidence, wasRead: boolean): number {
    const counted = isReference(evidence);
    const others = this.#expected - (counted ? evidence.pattern.rate : 0);
    if (others < MIN_EXPECTED) return 1;
    const share = (this.#got - (counted && wasRead ? 1 : 0)) / others;
    return Math.min(1, Math.max(MIN_CHANCE, (share - 0.2) / 0.5));
  }
}

/** Its misses say something of the board: it is known, and not itself on its way out. */
function isReference({ tag, board, pattern, misses }: Evidence): boolean {
  return tag.published === board && pattern.learnt && misses < NEW_RUN_MISSES;
}
