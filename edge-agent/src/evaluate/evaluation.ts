import { keyOf } from "../filtering/site-plan.js";
import type { ReaderEvent } from "../readers/driver.js";
import type { Site } from "./antenna-map.js";
import type { Fact, Ground } from "./claims.js";
import { Contender } from "./contender.js";
import { InferredMisses } from "./inferred-misses.js";
import { allMethods } from "./methods/index.js";
import { Playback, type PlaybackOptions } from "./playback.js";
import type { Recorded } from "./recording/recorded.js";
import type { Truth } from "./truth.js";
import { Visits } from "./visits.js";

export interface EvaluationOptions extends Pick<PlaybackOptions, "portalRoundMs" | "shelfRoundMs" | "holeMs"> {
  readonly site: Site;
  readonly truth: Truth | undefined;
  /** The truth is not known better than this, ms. */
  readonly toleranceMs: number;
  /** What happens so soon after the beginning is not judged: the filters find what is there, ms. */
  readonly settlingMs: number;
  /** Reads at a line that are so far apart are two visits, ms. */
  readonly visitGapMs: number;
  /** Whether a tag of which the truth says nothing was nowhere. */
  readonly isComplete: boolean;
}

/** Facts and claims are brought together this often, ms. */
const SETTLE_MS = 1_000;

/** All methods on the same reads. */
export class Evaluation {
  readonly playback: Playback;
  readonly visits: Visits;
  contenders: readonly Contender[] = [];
  inferred: readonly InferredMisses[] = [];
  readonly #options: EvaluationOptions;
  /** Which line each antenna is. */
  readonly #lines: ReadonlyMap<string, string>;
  #nextFact = 0;
  #settled = Number.NEGATIVE_INFINITY;

  constructor(options: EvaluationOptions) {
    const { site } = options;
    this.#options = options;
    this.#lines = new Map(
      site.lines.flatMap(({ id, antennas }) =>
        antennas.map(({ reader, antenna }) => [keyOf(reader, antenna), id] as const),
      ),
    );
    this.visits = new Visits(
      site.lines.map(({ id }) => id),
      options.visitGapMs,
    );
    this.playback = new Playback({
      ...options,
      onStart: (at) => this.#start({ ...site, startsAt: at }),
      onEvent: (reader, event, now) => this.#event(reader, event, now),
      onTick: (now) => this.#tick(now),
    });
  }

  take(recorded: Recorded): void {
    this.playback.take(recorded);
  }

  end(): void {
    for (const contender of this.contenders) contender.endShelves();
    this.playback.end();
    const { span } = this.playback;
    if (span === undefined) return;
    this.#settle(Number.POSITIVE_INFINITY, span.to);
    for (const contender of this.contenders) contender.end(span.to);
  }

  #start(ground: Ground): void {
    const { truth, toleranceMs, settlingMs, isComplete } = this.#options;
    const methods = allMethods(ground);
    this.inferred = methods.map(() => new InferredMisses(ground.readPoints));
    this.contenders = methods.map(
      (method, index) =>
        new Contender(method, ground.readPoints, {
          from: ground.startsAt + settlingMs,
          tolerance: toleranceMs,
          knows: (epc) => truth !== undefined && (isComplete || truth.epcs.has(epc)),
          onClaim: (claim) => this.inferred[index]?.take(claim),
        }),
    );
  }

  #event(reader: string, event: ReaderEvent, now: number): void {
    for (const contender of this.contenders) contender.handle(reader, event, now);
    if (event.type !== "reads" || this.#lines.size === 0) return;
    for (const { epc, antenna, last } of event.reads) {
      const line = this.#lines.get(keyOf(reader, antenna));
      if (line !== undefined) this.visits.read(epc, line, last);
    }
  }

  #tick(now: number): void {
    for (const contender of this.contenders) contender.tick(now);
    if (now - this.#settled >= SETTLE_MS) this.#settle(now, now);
  }

  /** Facts until `now` that are not after `until`, the end of the recording. */
  #settle(now: number, until: number): void {
    this.#settled = now;
    const facts = this.#options.truth?.facts ?? [];
    const due: Fact[] = [];
    for (let fact = facts[this.#nextFact]; fact !== undefined && fact.at <= until; fact = facts[this.#nextFact]) {
      due.push(fact);
      this.#nextFact++;
    }
    for (const contender of this.contenders) contender.settle(due, now);
  }
}
