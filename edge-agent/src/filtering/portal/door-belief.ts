import { type Expected, expected, type Motion } from "./door-model.js";

/** Metres of a cell of the way through the door, and cells on each side of it. */
const CELL = 0.3;
const SIDE = 25;
const CELLS = 2 * SIDE + 1;
const LAST = CELLS - 1;
const MOTIONS: readonly Motion[] = [-1, 0, 1];
/** Who has come from inside or outside (2), in a world (2), moves so (3), is there: one long vector. */
const WORLD = MOTIONS.length * CELLS;
const WORLDS = 2;
const ROW = WORLDS * WORLD;
/** A walk of 0.7 to 1.7 m/s: how likely it is none, one, or two cells in a slice. */
const STEPS = { none: 0.15, one: 0.6, two: 0.25 } as const;
/** Chance to step a cell aside at rest, either way. */
const SWAY = 0.03;
const STANDS = 1 - 2 * SWAY;
/** Chance in a slice to stop, start or turn to each of the other motions. */
const CHANGES = 0.015;
const STAYS = 1 - 3 * CHANGES;
const RESTS_FIRST = 0.4;
/** Slices share their causes: each counts for less than it says. */
const TEMPER = 0.6;
const SD_DB = 7;
const RSSI_WEIGHT = 1.3;
/** Of what it might still have come from the other side, once it has long been on one. */
const UNSETTLED = 0.02;
/** After a crossing was told: of what did not cross. */
const DOUBT = 0.3;

/** Most tags are carried before a body; one on a trolley is shadowed by none and heard from farther away, as if it were nearer. */
const FREE = { share: 0.02, reach: 0.55 };

/** What both sides expect of a tag at a place that moves so. */
interface Place {
  readonly inside: Expected;
  readonly outside: Expected;
}

const EXPECTED: readonly Place[] = [false, true].flatMap((free) =>
  MOTIONS.flatMap((motion) =>
    Array.from({ length: CELLS }, (_, cell) => {
      const metres = (cell - SIDE) * CELL * (free ? FREE.reach : 1);
      const [inwards, outwards] =
        free && motion !== 0 ? ([-1, -1] as const) : ([motion, (0 - motion) as Motion] as const);
      return { inside: expected(metres, inwards), outside: expected(-metres, outwards) };
    }),
  ),
);

const SILENCE = Float64Array.from(EXPECTED, (at) => likelihoodOf(at, undefined, undefined, 0));

/* One belief after the other is worked on. */
const outwards = new Float64Array(CELLS);
const resting = new Float64Array(CELLS);
const inwards = new Float64Array(CELLS);
const slice = new Float64Array(ROW);

/**
 * Where a tag is along the way through a door, and from which side it came: a hidden Markov model over cells and motions, which takes one
 * slice of time after the other. A pass is belief that has moved from the one side to the other; who turns back, stands, or walks by has
 * none, however it was shadowed.
 */
export class DoorBelief {
  readonly #belief = new Float64Array(2 * ROW);

  /** `inside`: how likely it begins there. */
  constructor(inside: number) {
    for (let index = 0; index < ROW; index++) {
      const cell = index % CELLS;
      const motion = Math.floor(index / CELLS) % 3;
      const share =
        (motion === 1 ? RESTS_FIRST : (1 - RESTS_FIRST) / 2) * (index < WORLD ? 1 - FREE.share : FREE.share);
      const there = cell > SIDE ? 1 : cell < SIDE ? 0 : 0.5;
      this.#belief[index] = there * inside * share;
      this.#belief[ROW + index] = (1 - there) * (1 - inside) * share;
    }
    this.#normalise();
    // It was not read before: somebody who has come near is not far away.
    for (let silent = 0; silent < 2; silent++) this.take(undefined, undefined, 0);
  }

  /** Takes the strongest read of the next slice at each side, dBm; `louder`: how much stronger than usual this door reads, dB. */
  take(inside: number | undefined, outside: number | undefined, louder: number): void {
    this.#move();
    const said = inside === undefined && outside === undefined ? SILENCE : likelihoodsOf(inside, outside, louder);
    const belief = this.#belief;
    for (let index = 0; index < ROW; index++) {
      const likelihood = said[index] ?? 0;
      belief[index] = (belief[index] ?? 0) * likelihood;
      belief[ROW + index] = (belief[ROW + index] ?? 0) * likelihood;
    }
    this.#normalise();
  }

  /** Probability that it came from the one side and now is on the other. */
  crossed(direction: "in" | "out"): number {
    return direction === "in" ? this.#sum(ROW, SIDE + 1, CELLS) : this.#sum(0, 0, SIDE);
  }

  /** Probability that it now is inside. */
  get inside(): number {
    const beyond = this.#sum(0, SIDE + 1, CELLS) + this.#sum(ROW, SIDE + 1, CELLS);
    return beyond + (this.#sum(0, SIDE, SIDE + 1) + this.#sum(ROW, SIDE, SIDE + 1)) / 2;
  }

  /** A crossing was told: it now is one who came from there. */
  tell(direction: "in" | "out"): void {
    const [from, to] = direction === "in" ? [ROW, 0] : [0, ROW];
    for (let index = 0; index < ROW; index++) {
      const cell = index % CELLS;
      const mass = this.#belief[from + index] ?? 0;
      if (direction === "in" ? cell >= SIDE : cell <= SIDE) {
        this.#belief[to + index] = (this.#belief[to + index] ?? 0) + mass;
        this.#belief[from + index] = 0;
      } else this.#belief[from + index] = mass * DOUBT;
    }
    this.#normalise();
  }

  /** It has long been where it is: wherever it came from, it was no crossing. */
  settle(side: "inside" | "outside"): void {
    const [from, to] = side === "inside" ? [ROW, 0] : [0, ROW];
    for (let index = 0; index < ROW; index++) {
      const mass = this.#belief[from + index] ?? 0;
      this.#belief[to + index] = (this.#belief[to + index] ?? 0) + mass * (1 - UNSETTLED);
      this.#belief[from + index] = mass * UNSETTLED;
    }
  }

  /** Who stops, starts or turns does so first, then everybody moves. */
  #move(): void {
    const belief = this.#belief;
    for (let world = 0; world < 2 * ROW; world += WORLD) {
      for (let cell = 0; cell < CELLS; cell++) {
        const out = belief[world + cell] ?? 0;
        const rest = belief[world + CELLS + cell] ?? 0;
        const into = belief[world + 2 * CELLS + cell] ?? 0;
        const changed = (out + rest + into) * CHANGES;
        outwards[cell] = out * STAYS + changed;
        resting[cell] = rest * STAYS + changed;
        inwards[cell] = into * STAYS + changed;
      }
      moveOutwards(belief, world);
      sway(belief, world + CELLS);
      moveInwards(belief, world + 2 * CELLS);
    }
  }

  #normalise(): void {
    const belief = this.#belief;
    let total = 0;
    for (let index = 0; index < 2 * ROW; index++) total += belief[index] ?? 0;
    for (let index = 0; index < 2 * ROW; index++) belief[index] = (belief[index] ?? 0) / total;
  }

  #sum(row: number, first: number, end: number): number {
    let sum = 0;
    for (let from = row; from < row + ROW; from += CELLS)
      for (let cell = first; cell < end; cell++) sum += this.#belief[from + cell] ?? 0;
    return sum;
  }
}

/*
 * Each writes to the row of its motion what comes to each cell, from the lowest cell first. Who walks on beyond the ends of the way stands there.
 */

function sway(belief: Float64Array, row: number): void {
  const at = (cell: number) => resting[cell] ?? 0;
  for (let cell = 1; cell < LAST; cell++)
    belief[row + cell] = at(cell - 1) * SWAY + at(cell) * STANDS + at(cell + 1) * SWAY;
  belief[row] = at(0) * STANDS + at(0) * SWAY + at(1) * SWAY;
  belief[row + LAST] = at(LAST - 1) * SWAY + at(LAST) * STANDS + at(LAST) * SWAY;
}

function moveInwards(belief: Float64Array, row: number): void {
  const { none, one, two } = STEPS;
  const at = (cell: number) => inwards[cell] ?? 0;
  for (let cell = 2; cell < LAST; cell++)
    belief[row + cell] = at(cell - 2) * two + at(cell - 1) * one + at(cell) * none;
  belief[row] = at(0) * none;
  belief[row + 1] = at(0) * one + at(1) * none;
  const nearly = at(LAST - 2) * two + at(LAST - 1) * one + at(LAST - 1) * two;
  belief[row + LAST] = nearly + at(LAST) * none + at(LAST) * one + at(LAST) * two;
}

function moveOutwards(belief: Float64Array, row: number): void {
  const { none, one, two } = STEPS;
  const at = (cell: number) => outwards[cell] ?? 0;
  for (let cell = 1; cell < LAST - 1; cell++)
    belief[row + cell] = at(cell) * none + at(cell + 1) * one + at(cell + 2) * two;
  belief[row + LAST] = at(LAST) * none;
  belief[row + LAST - 1] = at(LAST - 1) * none + at(LAST) * one;
  const there = at(0) * none + at(0) * one + at(0) * two;
  belief[row] = there + at(1) * one + at(1) * two + at(2) * two;
}

/** How well a slice fits to each place and motion. */
function likelihoodsOf(inside: number | undefined, outside: number | undefined, louder: number): Float64Array {
  for (let index = 0; index < ROW; index++) {
    const at = EXPECTED[index];
    slice[index] = at === undefined ? 0 : likelihoodOf(at, inside, outside, louder);
  }
  return slice;
}

function likelihoodOf(at: Place, inside: number | undefined, outside: number | undefined, louder: number): number {
  return Math.exp(TEMPER * (sideSaid(at.inside, inside, louder) + sideSaid(at.outside, outside, louder))) + 1e-12;
}

/** What one side said, in nats. */
function sideSaid({ read, missed, dbm }: Expected, rssi: number | undefined, louder: number): number {
  if (rssi === undefined) return missed;
  const off = (rssi - dbm - louder) / SD_DB;
  return read - RSSI_WEIGHT * 0.5 * off * off;
}
