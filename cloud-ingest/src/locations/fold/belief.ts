import type { AtShelf, Crossed, Gone, Missed, Near, Present, Zone } from "./evidence.js";
import type { Presence } from "./state.js";
import { likelihoodOfPass, oddsOfNear, oddsOver, scoreOf, surestOf, surestWith } from "./strength.js";

/*
 * How likely an item is where: a forward filter over the few places that its evidence has named, and a rest for all others. The map is in the
 * evidence: which floor a shelf stands on, which floors a door joins. Each step asks first how likely a thing that was believed elsewhere has
 * come to the place that is named now, unseen; then how much better what was observed fits that place.
 */

/** A place the item may be in. */
export interface Likely {
  readonly place: string;
  /** The floor that a shelf stands on; absent for a floor. */
  readonly floor?: string;
  /** A floor that is the inside of no portal: what is there has left. */
  readonly open?: true;
  readonly p: number;
}

/** Most likely first; what is missing to 1 is spread over all other places. */
export type Belief = readonly Likely[];

/** So many places are remembered, and none that is less likely than this. */
export const PLACES = 8;
/** Likelihoods are whole parts of so many. */
export const SHARES = 10_000;
const LEAST = 0.002;
const MOST = 0.985;

/** How likely a thing has come, unseen, to the place that is named now: from the floor around, from a shelf on the same floor, ... */
const COMES = {
  /** ... to a shelf: what is laid down is read only once it lies there. */
  toShelf: { fromFloor: 0.5, fromBeside: 0.25, fromAfar: 0.03, fromRest: 0.2 },
  /** ... to the floor on one side of a door: a shelf would have said that it is gone, another door that it came through. */
  toFloor: { fromFloor: 1, fromBeside: 0.15, fromAfar: 0.04, fromRest: 0.3 },
} as const;

/** How sure a departure is: a shelf that has died tells the same of everything on it. */
const GONE = 0.95;
/** Of what has left one shelf while another still reads it, so much is at the other. */
const AT_OTHER = 0.9;
/** How well a passage fits what was believed: where it leads from, a shelf there that still counts the item, anywhere else, beyond already. */
const FITS = { from: 1, shelf: 0.35, rest: 0.5, elsewhere: 0.15, there: 0.3 } as const;
const PASSAGE_MOST = 0.97;
/** An inventory's miss counts for so much: misses of one tag are not independent. */
const MISS_POWER = 0.33;

export const NOWHERE: Belief = [];

const NO_RIVALS: ReadonlyMap<string, Rivalry> = new Map();

export function likelihoodOf(belief: Belief, place: string): number {
  for (const one of belief) if (one.place === place) return one.p;
  return 0;
}

/** What is known of a report besides what it says. */
export interface About {
  /** The odds that it lies there, by how it is read. */
  readonly odds: number;
  /** Other shelves that still read it. */
  readonly rivals: readonly Presence[];
  /** How likely it can have come there since it was read last, 0 to 1. */
  readonly reach: number;
}

/** Read at a shelf. */
export function readAtShelf(belief: Belief, fact: Present, { odds, rivals, reach }: About): Belief {
  const own = likelihoodOf(belief, fact.place);
  const rivalry = rivals.length === 0 ? NO_RIVALS : rivalryOf(belief, fact, own, { odds, rivals });
  const next = named(belief, shelfPlace(fact), { odds, reach, comes: COMES.toShelf, rivalry });
  // However often a shelf says the same: it may be the same mistake. What one says, or how faintly, makes no other shelf surer.
  const most = Math.min(surestOf(fact), Math.max(own, odds / (1 + odds)));
  const p = likelihoodOf(next, fact.place);
  if (p <= most && rivals.length === 0 && odds >= 1) return tidy(next);
  const others = p <= most ? 1 : (1 - most) / (1 - p);
  return tidy(
    next.map((one) => {
      if (one.place === fact.place) return { ...one, p: Math.min(p, most) };
      const limit = one.floor === undefined ? 1 : likelihoodOf(belief, one.place);
      return { ...one, p: Math.min(limit, one.p * others) };
    }),
  );
}

function rivalryOf(
  belief: Belief,
  fact: Present,
  own: number,
  { odds, rivals }: Pick<About, "odds" | "rivals">,
): ReadonlyMap<string, Rivalry> {
  const score = scoreOf(fact);
  return new Map(
    rivals.map((rival) => {
      const comes = shareFrom(likelihoodOf(belief, rival.place), own, oddsOver(score - rival.score));
      return [rival.place, { explains: odds, comes }];
    }),
  );
}

/** The share of `from` that must come over so that the odds of `to` against it are no less than `odds`. */
function shareFrom(from: number, to: number, odds: number): number {
  return from <= 0 ? 0 : Math.max(0, (odds * from - to) / (from * (1 + odds)));
}

/** No longer read at a shelf; `other`: a shelf that reads it still. */
export function leftShelf(
  belief: Belief,
  fact: Gone,
  other: Pick<Presence, "place" | "zone" | "readPoint" | "score"> | undefined,
): Belief {
  const left = likelihoodOf(belief, fact.place) * GONE;
  const onFloor = other === undefined ? left : left * (1 - AT_OTHER);
  const moves: [Place | undefined, number][] = [[fact.zone === null ? undefined : floorPlace(fact.zone), onFloor]];
  if (other !== undefined) {
    const room = Math.max(0, surestWith(other.score) - likelihoodOf(belief, other.place));
    moves.push([shelfPlace(other), Math.min(room, left * AT_OTHER)]);
  }
  return shifted(belief, (one) => (one.place === fact.place ? one.p * (1 - GONE) : one.p), moves);
}

/** First word of it is that it has left a shelf: it is about there. */
export function firstLeft(fact: Gone): Belief {
  return fact.zone === null ? NOWHERE : [{ p: GONE, ...floorPlace(fact.zone) }];
}

/** In an inventory of a shelf it was not. */
export function missedAtShelf(belief: Belief, { place, completeness }: Missed): Belief {
  const factor = (1 - Math.min(0.99, completeness)) ** MISS_POWER;
  const p = likelihoodOf(belief, place);
  const all = 1 - p + p * factor;
  return tidy(belief.map((one) => ({ ...one, p: (one.p * (one.place === place ? factor : 1)) / all })));
}

/** Went through a door. `held`: a shelf that still counts the item; `reach`: how likely it can have come there since it was read last. */
export function wentThrough(belief: Belief, fact: Crossed, held: string | undefined, reach: number): Belief {
  const [from, to] = fact.direction === "in" ? [fact.outside, fact.inside] : [fact.inside, fact.outside];
  const p = likelihoodOfPass(fact);
  if (fact.direction === "unknown") return mixed(belief, fact.inside, fact.outside, (p / 2) * reach);
  // A shelf behind the door has it already: it went out and came back between two looks, or never moved.
  if (belief.some((one) => one.place === held && one.floor === to.place)) return belief;
  let fits = restOf(belief) * FITS.rest;
  for (const one of belief) fits += one.p * fitOf(one, from.place, to.place, held);
  const odds = (p / (1 - p)) * fits * reach;
  const passed = Math.min(PASSAGE_MOST, odds / (1 + odds));
  return shifted(belief, (one) => one.p * (1 - passed), [[floorPlace(to), passed]]);
}

/** Read at a door without going through: on which side, by which antennas. */
export function readAtDoor(belief: Belief, fact: Near, reach: number): Belief {
  const { inside, outside } = fact;
  if (inside === undefined || outside === undefined || fact.lean === undefined) return belief;
  const [in_, out] = oddsOfNear(fact.lean, fact.rssi ?? null);
  const inward = tidy(named(belief, floorPlace(inside), { odds: in_, reach, comes: COMES.toFloor }));
  return tidy(named(inward, floorPlace(outside), { odds: out, reach, comes: COMES.toFloor }));
}

type Place = Omit<Likely, "p">;

/** A shelf that stands on nothing is a floor of its own. */
function shelfPlace({ place, zone }: AtShelf): Place {
  return { place, floor: zone?.place ?? place };
}

function floorPlace({ place, watched }: Zone): Place {
  return watched ? { place } : { place, open: true };
}

/** A shelf that still reads what another one reads too. */
interface Rivalry {
  /** How much better than nothing it explains what the other one reads. */
  readonly explains: number;
  /** How likely a thing has come from it. */
  readonly comes: number;
}
type Comes = Readonly<Record<"fromFloor" | "fromBeside" | "fromAfar" | "fromRest", number>>;

interface Says {
  /** Against all others. */
  readonly odds: number;
  readonly reach: number;
  readonly comes: Comes;
  readonly rivalry?: ReadonlyMap<string, Rivalry>;
}

/** Something speaks for one place; what comes out is to be tidied. */
function named(belief: Belief, at: Place, { odds, reach, comes, rivalry = NO_RIVALS }: Says): Likely[] {
  const floor = at.floor ?? at.place;
  const rest = restOf(belief);
  let here = rest * comes.fromRest * reach;
  let all = rest - here;
  const named: (Place & { p: number })[] = [];
  for (const one of belief) {
    if (one.place === at.place) {
      here += one.p;
      continue;
    }
    const rival = rivalry.get(one.place);
    const usual = one.place === floor ? comes.fromFloor : one.floor === floor ? comes.fromBeside : comes.fromAfar;
    const came = one.p * (rival?.comes ?? usual * reach);
    const p = (one.p - came) * (rival?.explains ?? 1);
    here += came;
    all += p;
    named.push({ ...one, p });
  }
  named.push({ p: odds * here, ...at });
  all += odds * here;
  for (const one of named) one.p /= all;
  return named;
}

function fitOf({ place, floor, p: _ }: Likely, from: string, to: string, held: string | undefined): number {
  if (place === from) return FITS.from;
  if (floor === from) return place === held ? FITS.shelf : FITS.from;
  return place === to || floor === to ? FITS.there : FITS.elsewhere;
}

/** Which of two floors it is on is less known than before. */
function mixed(belief: Belief, a: Zone, b: Zone, share: number): Belief {
  const [pa, pb] = [likelihoodOf(belief, a.place), likelihoodOf(belief, b.place)];
  return shifted(belief, (one) => (one.place === a.place || one.place === b.place ? one.p * (1 - share) : one.p), [
    [floorPlace(a), pb * share],
    [floorPlace(b), pa * share],
  ]);
}

/** With every likelihood as `keep` says, and so much more at some places; of none where it is not known which. */
function shifted(
  belief: Belief,
  keep: (one: Likely) => number,
  more: readonly (readonly [Place | undefined, number])[],
): Belief {
  const next = belief.map((one) => ({ ...one, p: keep(one) }));
  for (const [at, p] of more) {
    if (at === undefined) continue;
    const index = next.findIndex((one) => one.place === at.place);
    const known = next[index];
    if (known === undefined) next.push({ p, ...at });
    else next[index] = { ...known, p: known.p + p };
  }
  return tidy(next);
}

function restOf(belief: Belief): number {
  let rest = 1;
  for (const { p } of belief) rest -= p;
  return Math.max(0, rest);
}

/** The most likely, none quite sure. Rounded, so that the sum of a life of small errors stays small. */
function tidy(places: readonly Likely[]): Belief {
  const kept: Likely[] = [];
  for (const one of places) {
    const p = Math.round(Math.min(MOST, one.p) * SHARES) / SHARES;
    if (p >= LEAST) kept.push(p === one.p ? one : { ...one, p });
  }
  if (kept.length > 1) kept.sort((a, b) => b.p - a.p || (a.place < b.place ? -1 : 1));
  return kept.length > PLACES ? kept.slice(0, PLACES) : kept;
}
