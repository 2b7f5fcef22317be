import { type Crossed, type Evidence, type Gone, keyOf, type Missed, type Present, type Zone } from "./evidence.js";
import { arriveAt, bestOf, leaveFrom, presentAt } from "./presence.js";
import {
  type Basis,
  type FoldState,
  LINGER_MS,
  MOVING_MS,
  OVERRULES,
  type Pending,
  type Presence,
  SURE,
  TOMBSTONE_MS,
} from "./state.js";
import { afterMiss, corroborated, marginOf } from "./strength.js";

/** How sure one is of the floor around a shelf once the shelf no longer reads a tag: absence is weaker than a read. */
const P_GONE = 0.92;
/** Where nothing is known of what is around. */
const P_NOWHERE = 0.3;
/** What a passage in an unknown direction leaves of the belief. */
const DOUBT = 0.6;

type Of<F> = Evidence & { readonly fact: F };

/** The state after one more piece of evidence, which is later than all in `state`. */
export function step(state: FoldState, evidence: Evidence): FoldState {
  const { fact } = evidence;
  const key = keyOf(evidence);
  const tombstones = state.tombstones.filter((each) => each.at > key.at - TOMBSTONE_MS);
  const seenAt = "seenAt" in fact ? fact.seenAt : fact.kind === "gone" ? evidence.at : null;
  const next: FoldState = {
    ...state,
    key,
    tombstones,
    seenAt: seenAt === null ? state.seenAt : Math.max(seenAt, state.seenAt ?? seenAt),
  };
  switch (fact.kind) {
    case "present":
      return present(next, evidence as Of<Present>);
    case "gone":
      return gone(next, evidence as Of<Gone>);
    case "missed":
      return missed(next, evidence as Of<Missed>);
    case "crossed":
      return crossed(next, evidence as Of<Crossed>);
    case "near":
      return next;
  }
}

function present(before: FoldState, evidence: Of<Present>): FoldState {
  const { fact } = evidence;
  const presences = arriveAt(before, evidence);
  if (presences === undefined) return before;
  let state: FoldState = { ...before, presences };
  const basis: Basis = {
    kind: "present",
    readPoint: fact.readPoint,
    at: fact.seenAt,
    rounds: fact.rounds,
    reads: fact.reads,
  };

  const { pending, stay } = state;
  if (pending !== null) {
    const stillThere = fact.place === stay?.place && fact.seenAt > pending.at + LINGER_MS;
    if (stillThere) state = { ...state, pending: null, movingUntil: null };
    // It went through a door and is read at a shelf behind it: the shelf before the door has lost it.
    else if (fact.zone?.place === pending.to.place && fact.place !== stay?.place) state = letGo(state, pending);
  }

  const current = stay === null ? undefined : bestOf(state.presences, stay.place);
  const here = bestOf(state.presences, fact.place);
  const best = bestOf(state.presences);
  if (here === undefined || best === undefined) return state;
  if (current === undefined || stay === null)
    return move(state, evidence, { place: best.place, shelf: true, state: "here" }, best.p, evidence.at, basis);
  if (best.place !== stay.place && best.score >= current.score + marginOf(fact))
    return move(state, evidence, { place: best.place, shelf: true, state: "here" }, best.p, evidence.at, basis);
  if (fact.place !== stay.place) return state;
  return {
    ...confirm(state, current.p, evidence.at),
    basis,
    movingUntil: state.pending === null ? null : state.movingUntil,
  };
}

function gone(before: FoldState, evidence: Of<Gone>): FoldState {
  const { fact, at } = evidence;
  const left = leaveFrom(before, evidence);
  if (left === undefined) return before;
  const state: FoldState = { ...before, ...left };
  const overruled = before.presences.find((presence) => presence.readPoint === fact.readPoint)?.overruled;
  const { stay, pending } = state;
  const basis: Basis = { kind: "gone", readPoint: fact.readPoint, at };
  // Nothing was known of it: that it was there a moment ago says where it is about.
  if (stay === null) return fact.zone === null ? state : leave(state, evidence, fact.zone, basis);
  // The shelf read it long after it is said to have gone through the door: it never did.
  if (overruled !== undefined && at > overruled.at + LINGER_MS && stay.place === overruled.to && fact.zone !== null)
    return leave(state, evidence, fact.zone, basis);
  if (!stay.shelf || stay.place !== fact.place || presentAt(state.presences, stay.place)) return state;

  const other = bestOf(state.presences);
  if (other !== undefined) {
    const found: Basis = { kind: "present", readPoint: other.readPoint, at: other.seenAt };
    return move(state, evidence, { place: other.place, shelf: true, state: "here" }, other.p, at, found);
  }
  if (pending !== null && pending.at >= at - LINGER_MS)
    return move(state, evidence, floor(pending.to), pending.p, pending.at, pending.basis);
  if (fact.zone === null) return { ...confirm(state, P_NOWHERE, at, true), pending: null };
  return leave(state, evidence, fact.zone, basis);
}

function missed(state: FoldState, { fact, at }: Of<Missed>): FoldState {
  const { stay } = state;
  if (stay === null || stay.place !== fact.place || !presentAt(state.presences, fact.place)) return state;
  return confirm(state, afterMiss(stay.p, fact.completeness), at, true);
}

function crossed(state: FoldState, evidence: Of<Crossed>): FoldState {
  const { fact, at } = evidence;
  const { stay } = state;
  const basis: Basis = { kind: "crossed", readPoint: fact.readPoint, at, direction: fact.direction };
  const shelf = stay?.shelf === true ? bestOf(state.presences, stay.place) : undefined;
  if (fact.direction === "unknown") {
    // Something on a shelf has not gone through a door; if it has, the shelf will say so.
    if (stay === null || shelf !== undefined) return state;
    return { ...confirm(state, stay.p * DOUBT, at, true), movingUntil: at + MOVING_MS, basis };
  }
  const [from, to] = fact.direction === "in" ? [fact.outside, fact.inside] : [fact.inside, fact.outside];
  if (shelf !== undefined) {
    if (to.place === shelf.zone?.place) return { ...state, pending: null, movingUntil: null };
    if (state.pending?.to.place === from.place)
      return move(letGo(state, state.pending), evidence, floor(to), fact.p, at, basis);
    if (fact.p >= OVERRULES && shelf.zone?.place === from.place)
      return move(overrule(state, from, to, at), evidence, floor(to), fact.p, at, basis);
    return { ...state, pending: { from, to, at, p: fact.p, basis }, movingUntil: at + MOVING_MS };
  }
  if (stay?.place === to.place) return { ...confirm(state, fact.p, at), movingUntil: null, basis };
  const p = stay?.place === from.place ? corroborated(fact.p) : fact.p;
  return move(state, evidence, floor(to), p, at, basis);
}

interface Whither {
  readonly place: string;
  readonly shelf: boolean;
  readonly state: "here" | "left";
}

function floor({ place, watched }: Zone): Whither {
  return { place, shelf: false, state: watched ? "here" : "left" };
}

function leave(state: FoldState, evidence: Evidence, zone: Zone, basis: Basis): FoldState {
  const { at } = evidence;
  return { ...move(state, evidence, floor(zone), P_GONE, at, basis), movingUntil: at + MOVING_MS };
}

/** Opens a stay; the same place again is the same stay. */
function move(state: FoldState, evidence: Evidence, to: Whither, p: number, from: number, basis: Basis): FoldState {
  const { stay } = state;
  const settled: FoldState = { ...state, pending: null, movingUntil: null, basis };
  if (stay?.place === to.place)
    return { ...settled, stay: { ...stay, ...to, p, sureSince: p >= SURE ? (stay.sureSince ?? from) : null } };
  const begin = Math.max(from, stay?.from ?? from);
  return {
    ...settled,
    stay: { opening: keyOf(evidence), ...to, from: begin, p, sureSince: p >= SURE ? begin : null },
  };
}

/** The same stay, surer; with `anyway` also less sure. */
function confirm(state: FoldState, p: number, at: number, anyway = false): FoldState {
  const { stay } = state;
  if (stay === null) return state;
  const now = anyway ? p : Math.max(p, stay.p);
  return { ...state, stay: { ...stay, p: now, sureSince: now >= SURE ? (stay.sureSince ?? at) : null } };
}

/** A sure passage ends what shelves in the zone it came from still say. */
function overrule(state: FoldState, from: Zone, to: Zone, at: number): FoldState {
  const presences = state.presences.map((presence) =>
    presence.zone?.place === from.place ? { ...presence, overruled: { at, to: to.place } } : presence,
  );
  return { ...state, presences };
}

/** Shelves before the door that have not read it since it went through have lost it, whether they said so or not. */
function letGo(state: FoldState, { at, to }: Pending): FoldState {
  const holds = (presence: Presence) => presence.zone?.place === to.place || presence.seenAt > at + LINGER_MS;
  return { ...state, pending: null, presences: state.presences.filter(holds) };
}
