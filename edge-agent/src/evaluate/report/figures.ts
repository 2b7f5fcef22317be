import type { Contender, Counts } from "../contender.js";
import type { Evaluation } from "../evaluation.js";
import type { BadLines } from "../recording/bad-lines.js";
import { quantile } from "../scores/quantile.js";
import type { LineFigures } from "../visits.js";

/** Shares are between 0 and 1, null where there is nothing to have a share of; times are seconds. */
export interface MethodFigures {
  readonly method: string;
  readonly told: Counts;
  readonly inferredMisses: { readonly misses: number; readonly checked: number };
  readonly presence?: {
    readonly precision: number | null;
    readonly recall: number | null;
    readonly tagHours: number;
    readonly stays: number;
    readonly missedStays: number;
    readonly falseDepartures: number;
    readonly departuresWhileBlind: number;
    readonly arrivalSeconds: Latency;
    readonly departureSeconds: Latency;
  };
  readonly passages?: {
    readonly passages: number;
    readonly told: number;
    readonly precision: number | null;
    readonly recall: number | null;
    readonly directionAccuracy: number | null;
    readonly latencySeconds: Latency;
  };
}

export interface Latency {
  readonly p50: number | null;
  readonly p95: number | null;
}

export interface Figures {
  readonly recording: {
    readonly files: readonly string[];
    readonly from: string;
    readonly to: string;
    readonly reads: number;
    readonly withoutRssi: number;
    readonly badLines: number;
    readonly badLineExamples: readonly string[];
    readonly unmappedReads: Readonly<Record<string, number>>;
    readonly filteredReads: number;
    readonly holes: number;
    readonly holeSeconds: number;
  };
  readonly truth: { readonly stays: number; readonly passages: number; readonly tags: number } | null;
  readonly methods: readonly MethodFigures[];
  readonly lines: readonly LineFigures[];
  readonly usualRoundSeconds: number | null;
}

/** Everything an evaluation has found, for people and for `--json`. */
export function figuresOf(
  evaluation: Evaluation,
  { files, bad, truth }: { files: readonly string[]; bad: BadLines; truth: Figures["truth"] },
): Figures {
  const { playback, contenders, inferred, visits } = evaluation;
  const { counts, span } = playback;
  const iso = (ms: number | undefined) => new Date(Math.round(ms ?? 0)).toISOString();
  const round = visits.usualRoundMs;
  return {
    recording: {
      files,
      from: iso(span?.from),
      to: iso(span?.to),
      reads: counts.reads,
      withoutRssi: counts.withoutRssi,
      badLines: bad.count,
      badLineExamples: bad.examples,
      unmappedReads: Object.fromEntries(counts.unmapped),
      filteredReads: counts.filtered,
      holes: counts.holes,
      holeSeconds: Math.round(counts.holesMs / 1000),
    },
    truth,
    methods: contenders.map((contender, index) => {
      const { misses = 0, checked = 0 } = inferred[index] ?? {};
      return methodFigures(contender, { misses, checked }, truth);
    }),
    lines: visits.lines,
    usualRoundSeconds: round === undefined ? null : round / 1000,
  };
}

function methodFigures(
  { method, counts, presence, passages }: Contender,
  inferredMisses: MethodFigures["inferredMisses"],
  truth: Figures["truth"],
): MethodFigures {
  const shelf = presence.figures;
  const door = passages.figures;
  return {
    method: method.name,
    told: counts,
    inferredMisses,
    ...(truth === null || truth.stays === 0
      ? {}
      : {
          presence: {
            precision: share(shelf.bothMs, shelf.toldMs),
            recall: share(shelf.bothMs, shelf.trueMs),
            tagHours: shelf.trueMs / 3_600_000,
            stays: shelf.stays,
            missedStays: shelf.missedStays,
            falseDepartures: shelf.falseDepartures,
            departuresWhileBlind: shelf.blindDepartures,
            arrivalSeconds: latency(shelf.arrivedAfter),
            departureSeconds: latency(shelf.departedAfter),
          },
        }),
    ...(truth === null || truth.passages === 0
      ? {}
      : {
          passages: {
            passages: door.passages,
            told: door.told,
            precision: share(door.found, door.told),
            recall: share(door.found, door.passages),
            directionAccuracy: share(door.rightDirection, door.found),
            latencySeconds: latency(door.toldAfter),
          },
        }),
  };
}

function share(part: number, whole: number): number | null {
  return whole === 0 ? null : part / whole;
}

function latency(values: readonly number[]): Latency {
  const at = (p: number) => {
    const ms = quantile(values, p);
    return ms === undefined ? null : ms / 1000;
  };
  return { p50: at(0.5), p95: at(0.95) };
}
