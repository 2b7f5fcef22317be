import type { Crossed, Present } from "./evidence.js";

/** Where a reader gives none: as usual, so that it goes by how often it reads. dBm */
const NO_RSSI = -44;
/** Six decibel, a quarter of the power, count as much as half of all rounds. */
const DB_PER_POINT = 6;
const POINTS_PER_RATE = 2;
const FEW_READS = 4;

/** How often a tag is read that lies where it should. */
const TYPICAL_RATE = 0.65;

/** How strongly something is read: in points of {@link DB_PER_POINT}. */
export function pointsOf(rssi: number | null, rate = TYPICAL_RATE): number {
  return (rssi ?? NO_RSSI) / DB_PER_POINT + POINTS_PER_RATE * rate;
}

/** Of what lies on a shelf of which nothing is known, dBm, and in points. */
const TYPICAL_RSSI = -38;
const TYPICAL = -5;

/**
 * How strongly a shelf claims a tag, to compare shelves that read it at once: the points as they would be on a typical shelf. What a shelf whose site walk has
 * shown that it reads everything weakly reads so is at home there.
 */
export function scoreOf({ rounds, reads, rssi, usual = TYPICAL }: Present): number {
  return pointsOf(rssi, rateOf(rounds, reads)) + TYPICAL - usual;
}

/** How much stronger another shelf must be to take over; more while it rests on few reads. */
export function marginOf({ reads }: Present): number {
  return reads < FEW_READS ? 2 : 1;
}

/** The score of a tag on a shelf, where nothing is known of this tag: about -49 dBm in six of ten rounds. */
const USUAL_SCORE = -7;
/** Odds at the usual score, and how much a point is worth. */
const USUAL_ODDS = 240;
const PER_POINT = 1.5;
const ODDS = { least: 0.3, most: 150 } as const;
const LEARNS = 0.25;

/**
 * The odds that what a shelf reads so lies there, and not beside it or far away. A tag is read on the next shelf about as strongly as on the last
 * one: what is far below that is read across. So a site that reads everything weakly places things by its own measure.
 * @param level the score this item usually has, where that is known
 */
export function oddsOf(fact: Present, level: number | null): number {
  const odds = USUAL_ODDS * Math.exp(PER_POINT * (scoreOf(fact) - (level ?? USUAL_SCORE)));
  return Math.max(ODDS.least, Math.min(ODDS.most, odds));
}

/**
 * A tag that is hard to read is read by the board beside its own, and by that one only, as long as it lies there: nothing will ever say otherwise. So
 * what is read weakly is never sure, however often it is said. How often it is read says nothing here: across one board a tag is read weakly and
 * all the time. Of 8,700 reports of things of the simulated hospital that lay still and that one board alone read, 149 were of another board; the strongest
 * of them was read with -52.2 dBm, in 88 of 150 rounds. Points as for a tag that is read as often as is typical: -50 dBm.
 */
const WEAK = { score: -7, odds: 8, perPoint: 5.5 } as const;
/** Points by which a score of one read is less sure. */
const FEW = 0.8;
/**
 * And for each point by which a walk has shown that a shelf reads everything more weakly than a typical one: of what is faint such a shelf hears
 * the best alone, and a walk is of few tags. On a board that reads 20 dB more weakly one thing of the board beside it was read 6 dB below what is usual.
 */
const HEARS_LESS = 0.3;
/**
 * What lies on a shelf is read in more rounds than this, however hard it is to read. What is read in fewer, of so many that they are half a minute and more,
 * was there for a part of them: of 48 such reports 17 were of things that were still there.
 */
const PART_OF_IT = { rate: 0.12, rounds: 100, sure: 0.5 } as const;

/** How sure a shelf can be of what it reads so, 0 to 1. */
export function surestOf(fact: Present): number {
  if (fact.rounds >= PART_OF_IT.rounds && fact.reads < PART_OF_IT.rate * fact.rounds) return PART_OF_IT.sure;
  const weaker = Math.max(0, TYPICAL - (fact.usual ?? TYPICAL));
  return surest(strengthOf(fact) - FEW / Math.sqrt(Math.max(1, fact.reads)) - HEARS_LESS * weaker);
}

/** How sure a shelf can be of which only the score is known, 0 to 1: it may have read the thing weakly, and in every round. */
export function surestWith(score: number): number {
  return surest(score - POINTS_PER_RATE * (1 - TYPICAL_RATE));
}

/** How strongly, in points, whatever the rate: as it would be on a typical shelf. A reader that gives no strength tells the rate alone. */
function strengthOf(fact: Present): number {
  const { rssi, usual, usualRssi } = fact;
  if (rssi === null || (usual !== undefined && usualRssi === undefined)) return scoreOf(fact);
  return pointsOf(rssi) - pointsOf(usualRssi ?? TYPICAL_RSSI) + TYPICAL;
}

function surest(points: number): number {
  const odds = Math.min(ODDS.most, WEAK.odds * Math.exp(WEAK.perPoint * Math.max(0, points - WEAK.score)));
  return odds / (1 + odds);
}

/** Points by which the one of two shelves that is named later must read a thing more strongly to be as likely as the other. */
const EVEN = 0.5;
/**
 * Of things of the simulated hospital that lay still and that two boards read, the stronger was right 26 times of 40 where it led by less than 1.5 points,
 * and 130 times of 130 where by more. It is surer than 90 % from 3 on: those that were counted are of one hospital.
 */
const OVER_PER_POINT = 0.9;

/**
 * The odds that a thing lies on a shelf, and not on another one that reads it too.
 * @param lead points by which it reads it more strongly
 */
export function oddsOver(lead: number): number {
  return Math.exp(OVER_PER_POINT * (lead - EVEN));
}

/** The item's usual score after one more report of a shelf that has it. */
export function learntLevel(level: number | null, fact: Present): number {
  const score = scoreOf(fact);
  return Math.round((level === null ? score : level + LEARNS * (score - level)) * 100) / 100;
}

/**
 * From here down what a door reads may as well be an echo. dBm. Of things of the simulated hospital that a shelf held, as its device said, and a door read so, none
 * of 96 stood on the floor, and 4 of 319 where there are echoes; of those that no shelf held 930 of 933 did.
 */
const FAINT = -63;
const NEAR_ODDS = { clear: 8, faint: 1.5 } as const;
/** Decibel between the sides that make one three times as likely. */
const DB_PER_SIDE = 7;

/** Whether a door may as well read it from a shelf of the room, or hear an echo of it. */
export function isFaint(rssi: number | null): boolean {
  return rssi !== null && rssi < FAINT;
}

/**
 * How likely a passage is of which every read was faint, whatever its reads look like in their order: an echo that fades from one side to the other looks like
 * one. Of 2,728 passages of the simulated hospital 4 were so; where every antenna has echoes for a quarter of the time, so were 5 that were and 19 that never were.
 */
const FAINT_PASS = 0.4;

/** How likely somebody went through, 0 to 1. */
export function likelihoodOfPass({ p, rssi }: Pick<Crossed, "p" | "rssi">): number {
  return isFaint(rssi ?? null) ? Math.min(p, FAINT_PASS) : p;
}

/**
 * The odds that what a door reads stands on its inside, and on its outside, against anywhere else.
 * @param lean dB by which the inside reads it more strongly
 */
export function oddsOfNear(lean: number, rssi: number | null): [number, number] {
  const odds = isFaint(rssi) ? NEAR_ODDS.faint : NEAR_ODDS.clear;
  const sides = Math.exp(Math.min(24, Math.max(-24, lean)) / DB_PER_SIDE);
  return [odds * Math.min(1, sides), odds * Math.min(1, 1 / sides)];
}

function rateOf(rounds: number, reads: number): number {
  return rounds > 0 ? Math.min(1, reads / rounds) : 0.5;
}
