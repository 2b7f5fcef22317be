/** Where a method says that a thing is. */
export interface Answer {
  /** The code of an observable place: also where it was last, while nothing is claimed; undefined where it was never placed. */
  readonly place: string | undefined;
  /** How sure of it, 0 to 1. */
  readonly p: number;
  /** Whether it is said to be there, and not that nobody knows. */
  readonly claimed: boolean;
  /** Other places, with how likely they are. */
  readonly others?: readonly { readonly place: string; readonly p: number }[];
}

/** From then on it was there. */
export interface Move {
  readonly at: number;
  readonly place: string;
}

/** Something that says where things are. */
export interface Locator {
  readonly name: string;
  answer(epc: string, now: number): Answer;
  /** All it has come to know of the past of a thing, by when it happened. */
  moves(epc: string): readonly Move[];
}
