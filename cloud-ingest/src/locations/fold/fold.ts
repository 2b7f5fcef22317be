import { compareKeys, type Evidence, type EvidenceKey } from "./evidence.js";
import { type ClosedStay, EMPTY, type FoldState, type Stay } from "./state.js";
import { step } from "./step.js";

/** A stay as the fold found it, with the state right after the evidence that opened it: from there it can be run again. */
export interface FoldedStay extends Stay {
  readonly to: number | null;
  /** Absent for the stay that was already open in the state the fold began from. */
  readonly checkpoint: FoldState | undefined;
}

export interface Folded {
  readonly state: FoldState;
  /** Every stay that was open at the beginning or opened since, in order; the last one is `state.stay`. */
  readonly stays: readonly FoldedStay[];
}

/**
 * Where an item was, from what was observed of it. `evidence` is in the order of {@link compareKeys} and later than everything in
 * `state`: so the result depends on the set of evidence and not on the order in which it came.
 */
export function fold(
  state: FoldState,
  evidence: readonly Evidence[],
  /** Is given every state on the way, oldest first, and whether it is a stay's checkpoint. */
  onState: (state: FoldState, isCheckpoint: boolean) => void = () => undefined,
): Folded {
  let now = state;
  let checkpoint: FoldState | undefined;
  const closed: FoldedStay[] = [];
  for (const each of evidence) {
    const next = step(now, each);
    const opens = next.stay !== null && (now.stay === null || !sameStay(now.stay, next.stay));
    if (opens) {
      if (now.stay !== null && next.stay !== null) closed.push(close(now.stay, next.stay.from, checkpoint));
      checkpoint = next;
    }
    now = next;
    onState(now, opens);
  }
  const open = now.stay === null ? [] : [{ to: null, checkpoint, ...now.stay }];
  return { state: now, stays: [...closed, ...open] };
}

function close(stay: Stay, to: number, checkpoint: FoldState | undefined): ClosedStay & FoldedStay {
  return { to, checkpoint, ...stay };
}

function sameStay(a: Stay, b: Stay): boolean {
  return compareKeys(a.opening, b.opening) === 0;
}

/** What is kept of an item beside its stays: where it is now, and states to run again from when evidence comes late. */
export interface Kept {
  readonly state: FoldState;
  /** At least {@link BEHIND_MS} behind `next`. Both are empty where so little has come since a stay was opened that it is run over again instead. */
  readonly behind: FoldState;
  readonly next: FoldState;
  /** How much evidence has come since `next`, or since the open stay's checkpoint, whichever is later. */
  readonly run: number;
}

export const BEHIND_MS = 120_000;
/** So much evidence is run over again without asking for more states to begin from. */
export const RUN = 16;
export const NOTHING_KEPT: Kept = { state: EMPTY, behind: EMPTY, next: EMPTY, run: 0 };

/** The state to run on from so that evidence beginning with `first` comes in its place: the latest that is before it. */
export function restartFrom(kept: Kept, checkpoints: readonly FoldState[], first: EvidenceKey): FoldState {
  let best = EMPTY;
  for (const state of [kept.state, kept.next, kept.behind, ...checkpoints]) {
    if (state.key === null || compareKeys(state.key, first) >= 0) continue;
    if (best.key === null || compareKeys(state.key, best.key) > 0) best = state;
  }
  return best;
}

/** Runs on from `from`, one of the states of {@link restartFrom}, over all evidence after it. */
export function runOn(kept: Kept, from: FoldState, evidence: readonly Evidence[]): Folded & { kept: Kept } {
  // States that are not before the new evidence no longer hold.
  let behind = notAfter(kept.behind, from) ? kept.behind : EMPTY;
  let next = notAfter(kept.next, from) ? kept.next : EMPTY;
  let run = from === kept.state ? kept.run : 0;
  const folded = fold(from, evidence, (state, isCheckpoint) => {
    run = isCheckpoint ? 0 : run + 1;
    const at = state.key?.at ?? 0;
    if (run < RUN || at - (next.key?.at ?? Number.NEGATIVE_INFINITY) < BEHIND_MS) return;
    behind = next;
    next = state;
    run = 0;
  });
  return { kept: { state: folded.state, behind, next, run }, ...folded };
}

function notAfter(a: FoldState, b: FoldState): boolean {
  return a.key === null || (b.key !== null && compareKeys(a.key, b.key) <= 0);
}
