import { type Static, Type } from "typebox";
import { Timestamp } from "./identity.js";
import { MEASUREMENTS } from "./series.js";
import { closed } from "./shapes.js";

/* `GET /series`: the time series, for small charts; `GET /series/schema`: what there is. */

const MeasurementName = Type.Enum(MEASUREMENTS);

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

/** A moment, and beside it each field by its name. */
export const SeriesPoint = Type.Object({ at: Timestamp }, { additionalProperties: Type.Number() });

/** One series by its tags. Steps in which there was nothing have no point. */
export const TagSeries = closed({
  tags: Type.Record(Type.String(), Type.String()),
  points: Type.Array(SeriesPoint),
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

/** Every measurement with its tags, fields and units. */
export const SeriesSchema = closed({
  bucketSeconds: Type.Integer(),
  tags: Type.Array(closed({ name: Type.String(), help: Type.String() })),
  measurements: Type.Array(
    closed({
      name: MeasurementName,
      help: Type.String(),
      minute: Type.String(),
      tags: Type.Array(Type.String()),
      fields: Type.Array(
        closed({
          name: Type.String(),
          unit: Type.String(),
          symbol: Type.String({ description: "the unit as it stands behind a figure; empty of a plain number" }),
          over: Type.Enum(["sum", "max", "mean"]),
          help: Type.String(),
        }),
      ),
    }),
  ),
});
export type SeriesSchema = Static<typeof SeriesSchema>;
