import { quantile } from "./scores/quantile.js";

export interface LineFigures {
  readonly readPoint: string;
  reads: number;
  visits: number;
  tags: number;
  /** Visits that must have been, for the tag came by this line's neighbours and in no more time than a round takes. */
  misses: number;
}

interface Runner {
  line: number;
  /** Last read of the visit, ms. */
  last: number;
  /** From a visit to the next one of the same line, ms. */
  readonly rounds: number[];
  /** When the last visit to each line began, ms. */
  readonly lastAt: (number | undefined)[];
  /** Lines at which it was read. */
  readonly lines: Set<number>;
}

const ROUNDS_KEPT = 15;
/** Before it has gone round so often, a tag is taken to be as fast as all are. */
const OWN_ROUNDS = 5;
const ALL_ROUNDS_KEPT = 301;
/** Of the time of a round: one that is back later was elsewhere, one that is back sooner has turned round. */
const LONGEST = 1.5;
const SHORTEST = 0.5;

/**
 * Visits at lines: antennas that stand alone, so that nobody can say which way a tag went by. Reads less than `gapMs` apart are one visit.
 * Where tags go round by the lines in their order, a line that was left out must have missed them: a tag that comes by line 1 again without
 * line 2, in the time of one round, was missed at line 2. One that stays away for longer is not counted: it may have rested.
 */
export class Visits {
  readonly lines: readonly LineFigures[];
  readonly #gapMs: number;
  readonly #runners = new Map<string, Runner>();
  /** Rounds of all tags. */
  readonly #rounds: number[] = [];

  constructor(readPoints: readonly string[], gapMs: number) {
    this.lines = readPoints.map((readPoint) => ({ readPoint, reads: 0, visits: 0, tags: 0, misses: 0 }));
    this.#gapMs = gapMs;
  }

  /** How long a round takes, ms; undefined before anybody has gone round. */
  get usualRoundMs(): number | undefined {
    return quantile(this.#rounds, 0.5);
  }

  /** Reads of all tags come in order of time. */
  read(epc: string, readPoint: string, at: number): void {
    const line = this.lines.findIndex((one) => one.readPoint === readPoint);
    const figures = this.lines[line];
    if (figures === undefined) return;
    figures.reads++;
    const known = this.#runners.get(epc);
    const runner = known ?? { line, last: at, rounds: [], lastAt: [], lines: new Set<number>() };
    const same = known !== undefined && runner.line === line && at - runner.last < this.#gapMs;
    if (!same) this.#visit(runner, line, at, known !== undefined);
    runner.last = at;
    this.#runners.set(epc, runner);
  }

  #visit(runner: Runner, line: number, at: number, isKnown: boolean): void {
    const figures = this.lines[line];
    if (figures === undefined) return;
    figures.visits++;
    if (!runner.lines.has(line)) figures.tags++;
    runner.lines.add(line);
    const before = runner.lastAt[line];
    const skipped = isKnown ? this.#skipped(runner.line, line) : [];
    const took = before === undefined ? undefined : at - before;
    const usual = runner.rounds.length >= OWN_ROUNDS ? quantile(runner.rounds, 0.5) : this.usualRoundMs;
    // Only a line that was seen before says that the tag goes round, and for how long it was on its way.
    if (skipped.length > 0 && took !== undefined && usual !== undefined && inOneRound(took, usual))
      for (const one of skipped) one.misses++;
    if (skipped.length === 0 && took !== undefined && this.lines.length > 1) this.#learn(runner, took);
    runner.lastAt[line] = at;
    runner.line = line;
  }

  /** The lines between one and the next, in their order. */
  #skipped(from: number, to: number): LineFigures[] {
    const count = this.lines.length;
    const skipped: LineFigures[] = [];
    for (let at = (from + 1) % count; at !== to && skipped.length < count; at = (at + 1) % count) {
      const line = this.lines[at];
      if (line !== undefined) skipped.push(line);
    }
    return skipped;
  }

  #learn(runner: Runner, took: number): void {
    runner.rounds.push(took);
    if (runner.rounds.length > ROUNDS_KEPT) runner.rounds.shift();
    this.#rounds.push(took);
    if (this.#rounds.length > ALL_ROUNDS_KEPT) this.#rounds.shift();
  }
}

function inOneRound(took: number, usual: number): boolean {
  return took >= SHORTEST * usual && took <= LONGEST * usual;
}
