import { Type } from "typebox";
import { nullable } from "./shapes.js";

/* What requests and answers of several subjects of the API share. It stays in this package. */

/** Of a person, a thing, a kind or a place. */
export const Name = Type.String({ minLength: 1, maxLength: 200 });

/** A query for one page: how much of it, unless it says so, and the `next` of the page before. */
export const paged = (limit: number) => ({
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 500, default: limit })),
  cursor: Type.Optional(Type.String({ maxLength: 500 })),
});
/** The `cursor` of the next page; null: this is the last. */
export const Next = nullable(Type.String());
