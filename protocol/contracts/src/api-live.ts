import { type Static, Type } from "typebox";
import { type Gateway, PlaceRef } from "./api.js";
import { Item } from "./api-items.js";
import { Name } from "./api-shapes.js";
import { Code, Timestamp, Uuid } from "./identity.js";
import { Direction } from "./observation.js";
import { Count, closed, nullable } from "./shapes.js";

/* Server-sent events of `GET /api/v1/live`; the event's id is its position, for Last-Event-ID. */

export const LocationEvent = closed({ item: Item, from: nullable(PlaceRef), observedAt: Timestamp });
export type LocationEvent = Static<typeof LocationEvent>;
export const PassageEvent = closed({
  pass: Type.String(),
  readPoint: Code,
  direction: Direction,
  from: nullable(PlaceRef),
  to: nullable(PlaceRef),
  observedAt: Timestamp,
  items: Type.Array(closed({ id: Uuid, name: Name, kind: Name })),
  unknownTags: Count,
});
export type PassageEvent = Static<typeof PassageEvent>;
export type LiveEvent =
  | { type: "location"; data: LocationEvent }
  | { type: "passage"; data: PassageEvent }
  | { type: "gateway"; data: Gateway }
  /** Something about alerts has changed: whoever shows them asks again. */
  | { type: "alert"; data: { id: string } };
