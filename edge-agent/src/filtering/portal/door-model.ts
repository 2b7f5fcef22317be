/*
 * What an antenna above one side of a door reads, by where a tag is. Metres along the way through the door, towards the antenna's own side;
 * rows from -7 to 7, for a tag that moves away from the own side, rests, or moves further into it: who carries a tag has it before the
 * body, and the body shadows it from behind. From 80 minutes of simulated doors (seeds 1 to 4): how often a slice of a quarter of a second
 * has a read, and the strongest read of one, dBm.
 */
type Row = readonly [share: number, dbm: number];

const HARDLY: Row = [0.004, -74];

// biome-ignore format: a table by metres
const AWAY: readonly Row[] = [
  HARDLY, HARDLY, HARDLY, HARDLY, [0.005, -72.8], [0.026, -69.8], [0.113, -65.7], [0.6, -52],
  [0.79, -47.1], [0.63, -56], [0.36, -61.6], [0.195, -65], [0.083, -67], [0.037, -69], [0.013, -70],
];
// biome-ignore format: a table by metres
const AT_REST: readonly Row[] = [
  HARDLY, HARDLY, HARDLY, [0.006, -73], [0.015, -73], [0.051, -70.8], [0.185, -68.3], [0.6, -55],
  [0.785, -48.1], [0.75, -50], [0.547, -60.3], [0.337, -62], [0.241, -63.6], [0.073, -67.3], [0.034, -70.3],
];
// biome-ignore format: a table by metres
const DEEPER: readonly Row[] = [
  HARDLY, HARDLY, HARDLY, [0.005, -73], [0.02, -71], [0.086, -69.3], [0.239, -66.4], [0.6, -54],
  [0.76, -50.3], [0.38, -61], [0.112, -66], [0.065, -67], [0.03, -68.3], [0.008, -71], HARDLY,
];
const FAR = 7;

/** Along the way through the door: outwards, not at all, inwards. */
export type Motion = -1 | 0 | 1;

/** Expectation of one slice at one side. */
export interface Expected {
  /** Log of the chance of a read, and of none. */
  readonly read: number;
  readonly missed: number;
  /** Strongest read, dBm. */
  readonly dbm: number;
}

/** What the antenna on the side that lies `towards` positive metres expects of a tag there. */
export function expected(metres: number, motion: Motion): Expected {
  const table = motion === 0 ? AT_REST : motion > 0 ? DEEPER : AWAY;
  const at = Math.max(-FAR, Math.min(FAR, metres)) + FAR;
  const below = table[Math.floor(at)] ?? HARDLY;
  const above = table[Math.ceil(at)] ?? HARDLY;
  const part = at - Math.floor(at);
  const share = Math.max(HARDLY[0], below[0] * (1 - part) + above[0] * part);
  return { read: Math.log(share), missed: Math.log(1 - share), dbm: below[1] * (1 - part) + above[1] * part };
}
