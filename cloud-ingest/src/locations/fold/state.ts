import { type Belief, NOWHERE } from "./belief.js";
import type { EvidenceKey, Spot, Zone } from "./evidence.js";

/** The same tag's last word at a read point, so that what the agent said earlier cannot undo what it said later. */
export interface Word {
  readonly tag: number;
  readonly epoch: string;
  readonly seq: number;
}

/** A shelf that reads the item. */
export interface Presence {
  readonly readPoint: string;
  readonly place: string;
  readonly zone: Zone | null;
  /** Its tags that are read there. */
  readonly tags: readonly Word[];
  readonly score: number;
  readonly seenAt: number;
  /** A passage so sure that it was believed although the shelf had not let go of it yet. */
  readonly overruled?: { readonly at: number; readonly to: string };
}

/** A departure, remembered for a while. */
export interface Tombstone extends Word {
  readonly readPoint: string;
  readonly at: number;
  /** When it was found out, where that was so long after. */
  readonly decided?: number;
}

/** A passage of something that a shelf still reads: believed once the shelf lets go of it or another read point agrees. */
export interface Pending {
  readonly from: Zone;
  readonly to: Zone;
  readonly at: number;
  readonly p: number;
  readonly basis: Basis;
}

/** What a state rests on, for words: the latest evidence that speaks for it. */
export interface Basis {
  readonly kind: "present" | "gone" | "crossed" | "near";
  readonly readPoint: string;
  readonly at: number;
  readonly rounds?: number;
  readonly reads?: number;
  readonly direction?: "in" | "out" | "unknown";
}

/** Somewhere since some time. */
export interface Stay {
  /** The evidence that opened it: its identity. */
  readonly opening: EvidenceKey;
  readonly place: string;
  /** Whether it is a shelf read point's own place. */
  readonly shelf: boolean;
  /** here, where a read point accounts for it; left, where none does. */
  readonly state: "here" | "left";
  readonly from: number;
  readonly p: number;
  /** Since when `p` is at least {@link SURE} without a break, or was for {@link SETTLED_MS}; null where neither is so. */
  readonly sureSince: number | null;
}

export interface ClosedStay extends Stay {
  readonly to: number;
}

/** Read there then. */
export interface Sight {
  readonly spot: Spot;
  readonly at: number;
}

/** Everything the fold remembers of one item. Plain JSON. */
export interface FoldState {
  /** Everything up to here is folded. */
  readonly key: EvidenceKey | null;
  readonly stay: Stay | null;
  readonly presences: readonly Presence[];
  readonly tombstones: readonly Tombstone[];
  readonly pending: Pending | null;
  readonly seenAt: number | null;
  /** Where it was read last of where it is believed to be, on the plan; null where the site does not say it. */
  readonly last: Sight | null;
  /** It has just left where it was; until then nothing is settled unless something else tells. */
  readonly movingUntil: number | null;
  readonly basis: Basis | null;
  readonly belief: Belief;
  /** How strongly shelves usually read it, in points; null before one has had it. */
  readonly level: number | null;
}

export const EMPTY: FoldState = {
  key: null,
  stay: null,
  presences: [],
  tombstones: [],
  pending: null,
  seenAt: null,
  last: null,
  movingUntil: null,
  basis: null,
  belief: NOWHERE,
  level: null,
};

/** A state that differs from another in this. Written out, so that all states have one form and what reads them is fast (docs/decisions/0036). */
export function changed(state: FoldState, change: Partial<FoldState>): FoldState {
  const { key = state.key, stay = state.stay, presences = state.presences, tombstones = state.tombstones } = change;
  const { pending = state.pending, seenAt = state.seenAt, last = state.last, movingUntil = state.movingUntil } = change;
  const { basis = state.basis, belief = state.belief, level = state.level } = change;
  return { key, stay, presences, tombstones, pending, seenAt, last, movingUntil, basis, belief, level };
}

/** What older releases did not remember. */
type Newer = "belief" | "level" | "last";

/**
 * A state as an older release stored it, with a belief made of its stay: it goes on from there and tells nothing twice. What shelves usually
 * read of it, and where it was read last, is learnt anew.
 */
export function upToDate(state: Omit<FoldState, Newer> & Partial<FoldState>): FoldState {
  const { belief, level = null, last = null } = state;
  return { ...state, belief: belief ?? beliefOf(state), level, last };
}

function beliefOf({ stay, presences }: Pick<FoldState, "stay" | "presences">): Belief {
  if (stay === null) return NOWHERE;
  const floor = presences.find(({ place }) => place === stay.place)?.zone?.place;
  const kind = stay.shelf ? { floor: floor ?? stay.place } : stay.state === "left" ? { open: true as const } : {};
  return [{ place: stay.place, ...kind, p: stay.p }];
}

/** A stay this sure, for {@link SETTLED_MS}, is told to those who keep books. */
export const SURE = 0.9;
export const SETTLED_MS = 30_000;
/**
 * A passage this sure, as doors tell them, is believed at once, although a shelf still counts the item; a less sure one, of something that went
 * with others, once something else agrees. A shelf that reads the item long after takes it back.
 */
export const OVERRULES = 0.92;
/** How long something that has left a shelf is said to be moving. */
export const MOVING_MS = 30_000;
/** A shelf near a door may read a tag this long after it went through. */
export const LINGER_MS = 5_000;
/** How long a departure is remembered against reports from before it, once it has been found out. */
export const TOMBSTONE_MS = 120_000;
