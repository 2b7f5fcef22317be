import { type Measurement, presenceOf, seriesSpec } from "@storeward/contracts";
import { Type } from "typebox";
import type { Fields, RangeQuery, Series, TagSet } from "../types.js";

/* What is asked in InfluxQL, which 1.x, 2.x and 3.x understand, and what is answered. Names are ours: they need no escapes. */

const StatementResult = Type.Object({
  error: Type.Optional(Type.String()),
  series: Type.Optional(
    Type.Array(
      Type.Object({
        tags: Type.Optional(Type.Record(Type.String(), Type.String())),
        columns: Type.Array(Type.String()),
        values: Type.Array(Type.Array(Type.Unknown())),
      }),
    ),
  ),
});
/** What `/query` answers with `epoch=ms`. */
export const QueryAnswer = Type.Object({
  error: Type.Optional(Type.String()),
  results: Type.Optional(Type.Array(StatementResult)),
});

export type StatementSeries = readonly {
  readonly tags?: TagSet;
  readonly columns: readonly string[];
  readonly values: readonly (readonly unknown[])[];
}[];

const AGGREGATE = { sum: "SUM", max: "MAX", mean: "MEAN" } as const;
const range = (from: Date, to: Date) => `time >= ${from.getTime()}ms AND time < ${to.getTime()}ms`;

/** Asks for a range in steps. Points that are not any more have a presence of 0. */
export function rangeQuery({ measurement, from, to, step }: RangeQuery): string {
  const fields = Object.entries(seriesSpec(measurement).fields).map(
    ([name, { over }]) => `${AGGREGATE[over]}("${name}") AS "${name}"`,
  );
  return `SELECT ${fields.join(", ")} FROM "${measurement}" WHERE ${range(from, to)} AND "${presenceOf(measurement)}" > 0 GROUP BY time(${step}s), * FILL(none)`;
}

/** Asks which points there are in a range. */
export function presenceQuery(measurement: Measurement, from: Date, to: Date): string {
  const presence = presenceOf(measurement);
  return `SELECT "${presence}" FROM "${measurement}" WHERE ${range(from, to)} AND "${presence}" > 0 GROUP BY *`;
}

/** The series of an answer, by their tags; tags that a series has not are answered empty. */
export function seriesOf(answer: StatementSeries, measurement: Measurement): Series[] {
  const presence = presenceOf(measurement);
  return answer
    .map(({ tags = {}, columns, values }) => ({
      tags: Object.fromEntries(Object.entries(tags).filter(([, value]) => value !== "")),
      points: values.map((row) => pointOf(columns, row)).filter(({ fields }) => (fields[presence] ?? 0) > 0),
    }))
    .filter(({ points }) => points.length > 0);
}

function pointOf(columns: readonly string[], row: readonly unknown[]): { at: Date; fields: Fields } {
  let at = Number.NaN;
  const fields: Record<string, number> = {};
  for (const [index, column] of columns.entries()) {
    const value = row[index];
    if (typeof value !== "number") continue;
    if (column === "time") at = value;
    else fields[column] = value;
  }
  return { at: new Date(at), fields };
}
