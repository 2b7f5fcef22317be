import { type TProperties, type TSchema, Type } from "typebox";

/* What schemas of several subjects are made of. It stays in this package. */

/** An object with these keys and no others: an unknown one is an error that names it. */
export const closed = <P extends TProperties>(properties: P, options = {}) =>
  Type.Object(properties, { additionalProperties: false, ...options });
export const nullable = <S extends TSchema>(schema: S) => Type.Union([schema, Type.Null()]);

export const Count = Type.Integer({ minimum: 0 });
export const Probability = Type.Number({ minimum: 0, maximum: 1 });
/** A row in its epoch, from 1; 0 where there is none yet. */
export const Seq = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });
/** Of a row that there is. */
export const RowSeq = Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER });
/** Of an antenna at its reader, from 1. */
export const AntennaNumber = Type.Integer({ minimum: 1, maximum: 65535 });
