import { compareKeys, type Evidence } from "./fold/evidence.js";
import type { FoldState } from "./fold/state.js";
import { step } from "./fold/step.js";

/** What one piece of evidence has made of the belief. */
export interface Weighed<E extends Evidence> {
  readonly evidence: E;
  /** How sure it was of the place in question before it and after it, 0 to 1; 0 while it was thought elsewhere. */
  readonly before: number;
  readonly after: number;
  /** Where it was thought to be after it. */
  readonly place: string | null;
}

export interface Weights<E extends Evidence> {
  readonly state: FoldState;
  readonly weighed: readonly Weighed<E>[];
}

/**
 * Runs on from a state over later evidence and tells what each piece did to the belief in `place`; null: in where it is at the end. Knows of the
 * fold only where it says that the thing is, and how sure.
 */
export function weigh<E extends Evidence>(from: FoldState, evidence: readonly E[], place: string | null): Weights<E> {
  const after = evidence.filter((each) => from.key === null || compareKeys(each, from.key) > 0).sort(compareKeys);
  const states = [from];
  for (const each of after) states.push(step(states.at(-1) ?? from, each));
  const state = states.at(-1) ?? from;
  const claimed = place ?? state.stay?.place ?? null;
  const weighed = after.map((each, index) => ({
    evidence: each,
    before: pOf(states[index] ?? from, claimed),
    after: pOf(states[index + 1] ?? from, claimed),
    place: states[index + 1]?.stay?.place ?? null,
  }));
  return { state, weighed };
}

function pOf({ stay }: FoldState, place: string | null): number {
  return stay !== null && stay.place === place ? stay.p : 0;
}
