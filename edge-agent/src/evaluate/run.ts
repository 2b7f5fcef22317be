import { writeFile } from "node:fs/promises";
import { type Site, siteOfConfig, siteOfMap } from "./antenna-map.js";
import { E } from "./errors.js";
import { Evaluation } from "./evaluation.js";
import { Progress } from "./progress.js";
import { BadLines } from "./recording/bad-lines.js";
import { sizeOf } from "./recording/file.js";
import { merged } from "./recording/in-order.js";
import { readRecording } from "./recording/read-recording.js";
import type { ColumnNames } from "./recording/rows.js";
import type { TimeUnit } from "./recording/times.js";
import { figuresOf } from "./report/figures.js";
import { textOf } from "./report/text.js";
import { readTruth } from "./truth.js";

export interface EvaluateOptions {
  readonly recordings: readonly string[];
  readonly truths: readonly string[];
  readonly map: { readonly file: string; readonly kind: "map" | "config" };
  readonly columns: ColumnNames;
  readonly timeUnit: TimeUnit;
  readonly disorderMs: number;
  readonly portalRoundMs: number;
  readonly shelfRoundMs: number;
  readonly holeMs: number | undefined;
  readonly toleranceMs: number;
  readonly settlingMs: number;
  readonly visitGapMs: number;
  readonly isComplete: boolean;
  readonly json: string | undefined;
}

/** Evaluates recordings and prints what was found. */
export async function evaluate(options: EvaluateOptions): Promise<void> {
  const { recordings, truths, json } = options;
  const site = options.map.kind === "map" ? siteOfMap(options.map.file) : siteOfConfig(options.map.file);
  const sizes = await Promise.all(recordings.map(sizeOf));
  const bad = new BadLines();
  const roles = new Map(site.readPoints.map(({ id, role }) => [id, role]));
  const truth =
    truths.length === 0 ? undefined : await readTruth(truths, { columns: {}, timeUnit: options.timeUnit, roles }, bad);
  const evaluation = new Evaluation({ ...options, site, truth });
  const progress = new Progress(sizes.reduce<number>((sum, size) => sum + (size ?? 0), 0));
  const reading = { ...options, onBytes: (bytes: number) => progress.read(bytes) };
  for await (const recorded of merged(recordings.map((file) => readRecording(file, reading, bad))))
    evaluation.take(recorded);
  evaluation.end();
  progress.end();
  if (evaluation.playback.counts.reads === 0) throw noReads(recordings, site, evaluation, bad);
  const known = truth === undefined ? null : { stays: truth.stays, passages: truth.passages, tags: truth.epcs.size };
  const figures = figuresOf(evaluation, { files: recordings, bad, truth: known });
  process.stdout.write(textOf(figures, { ...options, site }));
  if (json !== undefined) await writeFile(json, `${JSON.stringify(figures, null, 2)}\n`);
}

function noReads(files: readonly string[], site: Site, { playback }: Evaluation, bad: BadLines): Error {
  const [name] = playback.counts.unmapped.keys();
  const why =
    name !== undefined
      ? `the recording has ${name}, the map has ${site.antennasOf("").length} others`
      : (bad.examples[0] ?? "there is no line");
  return E.EVALUATE_NO_READS({ files: files.join(", "), why });
}
