import { type AlertRule, BUCKET_MS, type Measurement, type MeasurementCondition } from "@storeward/contracts";
import { describeError, isoMs } from "@storeward/runtime";
import type { Sql } from "../../database/index.js";
import type { NamedSeries, Series, TimeSeries } from "../../time-series/types.js";
import type { Unjudged } from "../types.js";
import { labelKey } from "./figures.js";

/** A minute that can be judged, with the series that rules need for it. */
export interface Minute {
  /** The first moment after it, ms since 1970. */
  readonly end: number;
  readonly series: ReadonlyMap<Measurement, readonly Series[]>;
}

export interface Minutes {
  readonly minutes: readonly Minute[];
  readonly unjudged: readonly Unjudged[];
}

/** An agent says every 15 s how far it has looked, and points are written two seconds after that. */
const GRACE_MS = 20_000;
/** Points that are still to be written are waited for so long: of what is dated anew all the time there is no end. */
const PATIENCE_MS = 90_000;

const SEEN_MS = 3_600_000;

const NOTHING: Minutes = { minutes: [], unjudged: [] };

/**
 * The last minute that is over and of which nothing is still to be written, as the place for time series has it. Measurements that cannot be read
 * are told with why; their rules are not judged.
 */
export async function readMinutes(
  sql: Sql,
  { name, series }: NamedSeries,
  rules: readonly (AlertRule & { readonly when: MeasurementCondition })[],
  now: number,
): Promise<Minutes> {
  if (rules.length === 0) return NOTHING;
  const end = Math.floor((now - GRACE_MS) / BUCKET_MS) * BUCKET_MS;
  const [state] = await sql.query<{ judged: Date | null }>("SELECT judged FROM alert_evaluator");
  if (state?.judged != null && state.judged.getTime() >= end) return NOTHING;
  const longest = new Map<Measurement, number>();
  for (const { when } of rules)
    longest.set(when.measurement, Math.max(longest.get(when.measurement) ?? 1, when.minutes ?? 1));
  const missed = new Set(rules.flatMap(({ when }) => (when.below === undefined ? [] : when.measurement)));
  if (now < end + PATIENCE_MS && !(await isWritten(sql, name, [...longest.keys()], end))) return NOTHING;
  const found = new Map<Measurement, readonly Series[]>();
  const unjudged: Unjudged[] = [];
  for (const [measurement, minutes] of longest)
    try {
      const from = new Date(end - minutes * BUCKET_MS);
      const recent = await series.query({ measurement, from, to: new Date(end), step: BUCKET_MS / 1000 });
      found.set(measurement, missed.has(measurement) ? await withSeen(series, measurement, end, recent) : recent);
    } catch (error) {
      const why = `The time series in ${name} cannot be read: ${describeError(error)}`;
      for (const { id, when } of rules) if (when.measurement === measurement) unjudged.push({ rule: id, why });
    }
  return { minutes: [{ end, series: found }], unjudged };
}

/** With those that had points within the hour and have none now: of what is too few, nothing is the least. */
async function withSeen(
  series: TimeSeries,
  measurement: Measurement,
  end: number,
  recent: readonly Series[],
): Promise<Series[]> {
  const from = new Date(end - SEEN_MS);
  const seen = await series.query({ measurement, from, to: new Date(end), step: SEEN_MS / 1000 });
  const keys = new Set(recent.map(({ tags }) => labelKey(tags)));
  return [...recent, ...seen.flatMap(({ tags }) => (keys.has(labelKey(tags)) ? [] : { tags, points: [] }))];
}

/** Whether the minute before `end` is in the place as a whole: rows recorded in it are followed, and no point is still to be written. */
async function isWritten(sql: Sql, target: string, measurements: readonly string[], end: number): Promise<boolean> {
  const [state] = await sql.query<{ written: boolean }>(
    `SELECT NOT EXISTS (
       SELECT FROM series_dirty WHERE target = $1 AND measurement = ANY($2) AND at = $3::timestamptz - interval '1 minute'
     ) AND NOT EXISTS (
       SELECT FROM journal_head h JOIN follower_cursor c USING (partition)
       JOIN LATERAL (SELECT recorded_at FROM journal j WHERE j.partition = c.partition AND j.pos = c.pos + 1) next ON true
       WHERE c.follower = 'series' AND c.pos < h.pos AND next.recorded_at < $3
     ) AS written`,
    [target, measurements, isoMs(end)],
  );
  return state?.written ?? false;
}
