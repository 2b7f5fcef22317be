import { type Static, type TProperties, Type } from "typebox";
import { Timestamp } from "./identity.js";
import { type Measurement, SERIES } from "./series.js";

/* `GET /series`: the time series, for small charts. */

const closed = <P extends TProperties>(properties: P) => Type.Object(properties, { additionalProperties: false });
const MeasurementName = Type.Enum(Object.keys(SERIES) as Measurement[]);

export const SeriesQuery = closed({
  measurement: MeasurementName,
  /** The first moment; an hour before `to` where absent. */
  from: Type.Optional(Timestamp),
  /** The first moment after; now where absent. */
  to: Type.Optional(Timestamp),
  /** Seconds a point stands for, in whole minutes; so many that there are at most 500 points a series, where absent. */
  step: Type.Optional(Type.Integer({ minimum: 60, maximum: 7 * 86_400, multipleOf: 60 })),
});
export type SeriesQuery = Static<typeof SeriesQuery>;

/** One series by its tags. Steps in which nothing was counted have no point. */
export const TagSeries = closed({
  tags: Type.Record(Type.String(), Type.String()),
  points: Type.Array(closed({ at: Timestamp, count: Type.Number() })),
});
export type TagSeries = Static<typeof TagSeries>;

export const SeriesAnswer = closed({
  measurement: MeasurementName,
  from: Timestamp,
  to: Timestamp,
  step: Type.Integer(),
  series: Type.Array(TagSeries),
});
export type SeriesAnswer = Static<typeof SeriesAnswer>;
