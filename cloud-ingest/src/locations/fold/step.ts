import {
  type Belief,
  firstLeft,
  type Likely,
  leftShelf,
  likelihoodOf,
  missedAtShelf,
  readAtDoor,
  readAtShelf,
  wentThrough,
} from "./belief.js";
import {
  type Crossed,
  compareKeys,
  type Evidence,
  type Gone,
  keyOf,
  type Near,
  type Present,
  type Zone,
} from "./evidence.js";
import { arriveAt, bestOf, forgetting, leaveFrom, presentAt } from "./presence.js";
import { lastOf, seenOf } from "./seen.js";
import {
  type Basis,
  changed,
  type FoldState,
  LINGER_MS,
  MOVING_MS,
  OVERRULES,
  type Pending,
  type Presence,
  SETTLED_MS,
  type Stay,
  SURE,
} from "./state.js";
import { isFaint, learntLevel, likelihoodOfPass, marginOf, oddsOf } from "./strength.js";
import { reachOf } from "./travel.js";

/*
 * Two things go on beside each other. The belief says how likely the item is where. Rules say when a place is told: what a shelf reads stays
 * there until the shelf lets go, a passage of something that a shelf still reads waits. So a stay has one beginning and one end, however the
 * likelihoods go up and down meanwhile; its confidence is what is believed.
 */

/** Without a rule a place takes over when it is this likely, and where the item is said to be is this unlikely. */
const TAKES_OVER = 0.6;
/** The first place is told sooner: nothing better is known. */
const FIRST = 0.35;
const GIVES_WAY = 0.25;
const LEAST_P = 0.01;
/** So many rounds are a minute and more. */
const READ_ALL_ALONG = 100;
const TAKES_OVER_MS = 1_000;
const ACROSS = 4;

type Of<F> = Evidence & { readonly fact: F };

/** The state after one more piece of evidence, which is later than all in `state`. */
export function step(state: FoldState, evidence: Evidence): FoldState {
  const before = forgetting(state, evidence.at);
  return weighed(before, byRule(before, evidence), evidence);
}

/** What the evidence says by itself: what is believed, which shelves read the item, and where a rule moves it. */
function byRule(state: FoldState, evidence: Evidence): FoldState {
  const { fact } = evidence;
  switch (fact.kind) {
    case "present":
      return present(state, evidence as Of<Present>);
    case "gone":
      return gone(state, evidence as Of<Gone>);
    case "missed":
      return changed(state, { belief: missedAtShelf(state.belief, fact) });
    case "crossed":
      return crossed(state, evidence as Of<Crossed>);
    case "near":
      return near(state, evidence as Of<Near>);
  }
}

/** No rule moves to where the item is less likely than where it was; and what has become unlikely is left without a rule. */
function weighed(before: FoldState, ruled: FoldState, evidence: Evidence): FoldState {
  const isLess =
    before.stay !== null &&
    ruled.stay !== null &&
    ruled.stay.place !== before.stay.place &&
    likely(ruled.belief, ruled.stay.place) < likely(ruled.belief, before.stay.place);
  const allowed = isLess
    ? changed(ruled, { stay: before.stay, basis: before.basis, movingUntil: before.movingUntil })
    : ruled;
  const state = followed(allowed, evidence);
  const key = keyOf(evidence);
  // What its agent has taken back was not seen.
  if (ruled === before) return changed(state, { key });
  const seenAt = seenOf(state.stay, before.seenAt, evidence);
  if (state.stay === null) return changed(state, { key, seenAt });
  const stay = sureOf(state.stay, before.stay, likely(state.belief, state.stay.place), evidence.at);
  return changed(state, { key, stay, seenAt, last: lastOf(stay, before.last, evidence) });
}

/** The stay with how sure it is, and since when it is sure. What was so for long is not undone by a doubt: most doubts are of a thing that is about to leave. */
function sureOf(stay: Stay, before: Stay | null, p: number, at: number): Stay {
  const isNew = before === null || compareKeys(before.opening, stay.opening) !== 0;
  const { sureSince } = stay;
  if (p >= SURE) return withP(stay, p, sureSince ?? (isNew ? stay.from : at));
  return withP(stay, p, sureSince !== null && at - sureSince >= SETTLED_MS ? sureSince : null);
}

function withP({ opening, place, shelf, state, from }: Stay, p: number, sureSince: number | null): Stay {
  return { opening, place, shelf, state, from, p, sureSince };
}

/** Goes where the item is believed to be, if that is somewhere else altogether. */
function followed(state: FoldState, evidence: Evidence): FoldState {
  const [first] = state.belief;
  if (first === undefined || first.p < (state.stay === null ? FIRST : TAKES_OVER)) return state;
  if (state.pending !== null && !isBeyond(state.pending, first, evidence)) return state;
  if (state.stay !== null && (first.place === state.stay.place || likely(state.belief, state.stay.place) > GIVES_WAY))
    return state;
  const { fact, at } = evidence;
  const basis: Basis = { kind: fact.kind === "missed" ? "near" : fact.kind, readPoint: fact.readPoint, at };
  return move(state, evidence, whither(first), at, basis);
}

/** Whether a shelf reads it where it is believed to be, well after a passage that waits: it went on unseen, and what it left may never let go of it. */
function isBeyond({ at }: Pending, { place }: Likely, { fact }: Evidence): boolean {
  return fact.kind === "present" && fact.place === place && fact.seenAt > at + LINGER_MS;
}

function likely(belief: Belief, place: string): number {
  return Math.max(LEAST_P, likelihoodOf(belief, place));
}

function present(before: FoldState, evidence: Of<Present>): FoldState {
  const { fact, at } = evidence;
  const presences = arriveAt(before, evidence);
  if (presences === undefined) return before;
  const rivals = presences.filter((presence) => presence.overruled === undefined && presence.place !== fact.place);
  // What a shelf reads just after a passage that was believed, it reads through the door.
  const counts = presences.some(
    (presence) => presence.readPoint === fact.readPoint && presence.overruled === undefined,
  );
  const reach = reachOf(before.last, fact.spot, at);
  const belief = counts
    ? readAtShelf(before.belief, fact, { odds: oddsAt(before, evidence), rivals, reach })
    : before.belief;
  const isAgain = before.presences.some((presence) => presence.readPoint === fact.readPoint);
  const level = isAgain || likelihoodOf(belief, fact.place) >= SURE ? learntLevel(before.level, fact) : before.level;
  let state: FoldState = changed(before, { presences, belief, level });
  const { readPoint, rounds, reads } = fact;
  const basis: Basis = { kind: "present", readPoint, at: fact.seenAt, rounds, reads };

  const { pending, stay } = state;
  if (pending !== null) {
    const stillThere = fact.place === stay?.place && fact.seenAt > pending.at + LINGER_MS;
    if (stillThere) state = changed(state, { pending: null, movingUntil: null });
    // It went through a door and is read at a shelf behind it: the shelf before the door has lost it.
    else if (fact.zone?.place === pending.to.place && fact.place !== stay?.place) state = letGo(state, pending);
  }

  const current = stay === null ? undefined : bestOf(state.presences, stay.place);
  const best = bestOf(state.presences);
  if (bestOf(state.presences, fact.place) === undefined || best === undefined) return state;
  const there: Whither = { place: best.place, shelf: true, state: "here" };
  if (current === undefined || stay === null) return move(state, evidence, there, at, basis);
  if (best.place !== stay.place && best.score >= current.score + marginOf(fact))
    return move(state, evidence, there, at, basis);
  if (fact.place !== stay.place) return state;
  return changed(state, { basis, movingUntil: state.pending === null ? null : state.movingUntil });
}

/**
 * The odds that it lies there. What a shelf has read all along while it was known to lie on another one, it reads across: when that one falls
 * silent, thing or antenna, this says little.
 */
function oddsAt({ tombstones, level }: FoldState, { fact, at, tag }: Of<Present>): number {
  const isTakenOver = tombstones.some(
    (left) => left.tag === tag && left.readPoint !== fact.readPoint && left.at >= at - TAKES_OVER_MS,
  );
  const odds = oddsOf(fact, level);
  return isTakenOver && fact.rounds >= READ_ALL_ALONG ? Math.min(odds, ACROSS) : odds;
}

function gone(before: FoldState, evidence: Of<Gone>): FoldState {
  const { fact, at } = evidence;
  const left = leaveFrom(before, evidence);
  if (left === undefined) return before;
  const state: FoldState = changed(before, left);
  const overruled = before.presences.find((presence) => presence.readPoint === fact.readPoint)?.overruled;
  const { stay, pending, belief } = state;
  const basis: Basis = { kind: "gone", readPoint: fact.readPoint, at };
  // Nothing was known of it: that it was there a moment ago says where it is about.
  if (belief.length === 0 && fact.zone !== null)
    return leave(changed(state, { belief: firstLeft(fact) }), evidence, fact.zone, basis);
  // The shelf read it long after it is said to have gone through the door: it never did.
  if (overruled !== undefined && at > overruled.at + LINGER_MS && stay?.place === overruled.to && fact.zone !== null)
    return leave(changed(state, { belief: firstLeft(fact) }), evidence, fact.zone, basis);
  if (presentAt(state.presences, fact.place)) return state;
  const other = bestOf(state.presences);
  if (other === undefined && pending !== null && pending.at >= at - LINGER_MS && stay?.place === fact.place) {
    const through = leftShelf(belief, { ...fact, zone: pending.to }, undefined);
    return move(changed(state, { belief: through }), evidence, floor(pending.to), pending.at, pending.basis);
  }
  const after: FoldState = changed(state, { belief: leftShelf(belief, fact, other) });
  if (stay === null || !stay.shelf || stay.place !== fact.place) return after;
  if (other !== undefined) {
    const found: Basis = { kind: "present", readPoint: other.readPoint, at: other.seenAt };
    return move(after, evidence, { place: other.place, shelf: true, state: "here" }, at, found);
  }
  return fact.zone === null ? changed(after, { pending: null }) : leave(after, evidence, fact.zone, basis);
}

/** What a door reads faintly of a thing that a shelf holds, it reads there. */
function near(before: FoldState, { fact, at }: Of<Near>): FoldState {
  if (isFaint(fact.rssi ?? null) && bestOf(before.presences) !== undefined) return before;
  return changed(before, { belief: readAtDoor(before.belief, fact, reachOf(before.last, fact.spot, at)) });
}

function crossed(before: FoldState, evidence: Of<Crossed>): FoldState {
  const { fact, at } = evidence;
  const { stay } = before;
  const basis: Basis = { kind: "crossed", readPoint: fact.readPoint, at, direction: fact.direction };
  const shelf = stay?.shelf === true ? bestOf(before.presences, stay.place) : undefined;
  const reach = reachOf(before.last, fact.spot, at);
  const state: FoldState = changed(before, { belief: wentThrough(before.belief, fact, shelf?.place, reach) });
  if (fact.direction === "unknown") {
    // Something on a shelf has not gone through a door; if it has, the shelf will say so.
    if (stay === null || shelf !== undefined) return state;
    return changed(state, { movingUntil: at + MOVING_MS, basis });
  }
  const [from, to] = fact.direction === "in" ? [fact.outside, fact.inside] : [fact.inside, fact.outside];
  if (shelf !== undefined) {
    if (to.place === shelf.zone?.place) return changed(state, { pending: null, movingUntil: null });
    if (state.pending?.to.place === from.place)
      return move(letGo(state, state.pending), evidence, floor(to), at, basis);
    const p = likelihoodOfPass(fact);
    if (p >= OVERRULES && shelf.zone?.place === from.place)
      return move(overrule(state, from, to, at), evidence, floor(to), at, basis);
    return changed(state, { pending: { from, to, at, p, basis }, movingUntil: at + MOVING_MS });
  }
  if (stay?.place === to.place) return changed(state, { movingUntil: null, basis });
  return move(state, evidence, floor(to), at, basis);
}

interface Whither {
  readonly place: string;
  readonly shelf: boolean;
  readonly state: "here" | "left";
}

function floor({ place, watched }: Zone): Whither {
  return { place, shelf: false, state: watched ? "here" : "left" };
}

function whither({ place, floor: around, open }: Likely): Whither {
  return { place, shelf: around !== undefined, state: open === true ? "left" : "here" };
}

function leave(state: FoldState, evidence: Evidence, zone: Zone, basis: Basis): FoldState {
  const { at } = evidence;
  return changed(move(state, evidence, floor(zone), at, basis), { movingUntil: at + MOVING_MS });
}

/** Opens a stay; the same place again is the same stay. How sure it is, is weighed afterwards. */
function move(state: FoldState, evidence: Evidence, to: Whither, from: number, basis: Basis): FoldState {
  const before = state.stay;
  const known = before?.place === to.place ? before : null;
  const stay: Stay = {
    opening: known?.opening ?? keyOf(evidence),
    place: to.place,
    shelf: to.shelf,
    state: to.state,
    from: known?.from ?? Math.max(from, before?.from ?? from),
    p: known?.p ?? 0,
    sureSince: known?.sureSince ?? null,
  };
  return changed(state, { stay, pending: null, movingUntil: null, basis });
}

/** A sure passage ends what shelves in the zone it came from still say. */
function overrule(state: FoldState, from: Zone, to: Zone, at: number): FoldState {
  const presences = state.presences.map((presence) =>
    presence.zone?.place === from.place ? overruledAt(presence, at, to.place) : presence,
  );
  return changed(state, { presences });
}

function overruledAt({ readPoint, place, zone, tags, score, seenAt }: Presence, at: number, to: string): Presence {
  return { readPoint, place, zone, tags, score, seenAt, overruled: { at, to } };
}

/** Shelves before the door that have not read it since it went through have lost it, whether they said so or not. */
function letGo(state: FoldState, { at, to }: Pending): FoldState {
  const holds = (presence: Presence) => presence.zone?.place === to.place || presence.seenAt > at + LINGER_MS;
  return changed(state, { pending: null, presences: state.presences.filter(holds) });
}
