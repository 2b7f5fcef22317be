import type { Crossing } from "./crossing.js";

/** How strongly tags that cross are usually read at this portal, dBm: at the side that reads them better, and at the other one. */
export interface UsualPeaks {
  readonly strong: number;
  readonly weak: number;
}

/** What else is known of the tag. */
export interface Circumstances {
  readonly usual: UsualPeaks;
  /** Where it last crossed to: the side that it would come to now, the one that it would leave, or neither. */
  readonly last: "there" | "here" | undefined;
  /** It crossed the other way a moment ago. */
  readonly turnsBack: boolean;
}

/*
 * Weights of the evidence, by logistic regression over 76 minutes of simulated doors: 836 crossings among 1,807 other bursts of people who
 * walk by, turn back, and leave things beside the door. What decides most is how strongly the tag is read at the side that reads it worse:
 * who walks by is never close to the far side.
 */
const WEIGHT = {
  bias: -2.45,
  edges: 1.15,
  separation: 0.65,
  fewer: -0.95,
  strong: 0.1,
  weak: 2.35,
  lead: 1.4,
  tail: 0.9,
  fall: 1.1,
  rise: 0.75,
  /** It was not heard for long at the side to which it goes: nobody stands there. */
  came: 0.55,
  there: -0.9,
  here: 0.4,
  turnsBack: -1.3,
} as const;
/** No longer heard at the side to which it goes than before: a tag beside the door in somebody's shadow. */
const NEARER_DB = 3;
const NOT_NEARER = -3;

/** How sure it is that the tag crossed, as log of the odds. */
export function oddsOf(crossing: Crossing, { usual, last, turnsBack }: Circumstances): number {
  const { edges, separation, fewer, strong, weak, lead, tail, fall, rise, nearer } = crossing;
  return (
    WEIGHT.bias +
    WEIGHT.edges * edges +
    WEIGHT.separation * Math.min(2.5, separation) +
    WEIGHT.fewer * Math.log(Math.min(12, fewer)) +
    WEIGHT.strong * between((strong - usual.strong + 4) / 10, -3, 0) +
    WEIGHT.weak * between((weak - usual.weak + 11) / 10, -2, 1) +
    WEIGHT.lead * between(lead / 1000, -2, 1) +
    WEIGHT.tail * between(tail / 1000, -1, 0.6) +
    WEIGHT.fall * between(fall / 10, 0, 3) +
    WEIGHT.rise * between(rise / 10, 0, 3) +
    (nearer === undefined ? WEIGHT.came : nearer < NEARER_DB ? NOT_NEARER : 0) +
    (last === undefined ? 0 : WEIGHT[last]) +
    (turnsBack ? WEIGHT.turnsBack : 0)
  );
}

function between(value: number, low: number, high: number): number {
  return Math.max(low, Math.min(high, value));
}
