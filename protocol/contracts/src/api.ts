import { type Static, Type } from "typebox";
import { ConfigState } from "./api-devices.js";
import { Name } from "./api-shapes.js";
import { Code, EpcHex, Timestamp, Uuid } from "./identity.js";
import { Count, closed, nullable } from "./shapes.js";
import { PlaceType } from "./site.js";
import { Telemetry } from "./telemetry.js";

/* Requests and answers of the HTTP API under `/api/v1`: what goes wrong, who is signed in, places and gateways. */

/** Problem details (RFC 9457) with the catalogue's code and the id of the request. */
export const Problem = closed({
  type: Type.String(),
  title: Type.String(),
  status: Type.Integer(),
  detail: Type.Optional(Type.String()),
  instance: Type.Optional(Type.String()),
  code: Type.String(),
  requestId: Type.String(),
  errors: Type.Optional(Type.Array(closed({ where: Type.String(), message: Type.String() }))),
});
export type Problem = Static<typeof Problem>;

export const Health = closed({
  status: Type.Enum(["ok", "degraded"]),
  parts: Type.Optional(
    Type.Record(
      Type.String(),
      closed({
        status: Type.Enum(["ok", "degraded"]),
        detail: Type.Optional(Type.String()),
      }),
    ),
  ),
});
export type Health = Static<typeof Health>;

export const Role = Type.Enum(["administrator", "viewer"]);
export type Role = Static<typeof Role>;
export const User = closed({ id: Uuid, username: Name, role: Role });
export type User = Static<typeof User>;
export const SignIn = closed({
  username: Type.String({ minLength: 1, maxLength: 120 }),
  password: Type.String({ minLength: 1, maxLength: 500 }),
});
export type SignIn = Static<typeof SignIn>;
export const Session = closed({ token: Type.String(), user: User });
export type Session = Static<typeof Session>;
/** `GET /session`: who the cookie or the token signs in; 401 without a session. A page asks this when it opens. */
export const CurrentSession = closed({ user: User });
export type CurrentSession = Static<typeof CurrentSession>;

/** A place as named in an answer; `path` is the names from the site down, joined by " / ". */
export const PlaceRef = closed({ id: Uuid, code: Code, name: Name, path: Type.String() });
export type PlaceRef = Static<typeof PlaceRef>;

const XY = Type.Array(Type.Number(), { minItems: 2, maxItems: 2 });
export const Location = closed({
  id: Uuid,
  code: Code,
  name: Name,
  type: PlaceType,
  path: Type.String(),
  parent: nullable(Uuid),
  outline: nullable(Type.Array(XY)),
  position: nullable(XY),
  neighbours: Type.Array(Uuid),
  /** The smallest place that read points can tell here. */
  observable: Uuid,
  /** Items whose place this is, of which so many are unknown by now. */
  items: Count,
  unknown: Count,
  readPoints: Type.Array(
    closed({
      id: Code,
      role: Type.Enum(["shelf", "portal"]),
      position: nullable(XY),
      state: Type.Enum(["watching", "blind", "doubtful", "unheard"]),
    }),
  ),
});
export type Location = Static<typeof Location>;
export const LocationList = closed({
  site: closed({ id: Code, name: Name, timeZone: Type.String(), locale: Type.String() }),
  locations: Type.Array(Location),
});
export type LocationList = Static<typeof LocationList>;

export const Gateway = closed({
  agent: Code,
  name: Name,
  state: Type.Enum(["online", "offline", "never"]),
  since: nullable(Timestamp),
  heardAt: nullable(Timestamp),
  /** Everything it observed up to here is in the cloud. */
  through: nullable(Timestamp),
  committed: Count,
  behind: nullable(Count),
  quarantined: Count,
  lost: Count,
  /** When its journal was found to be another life of what is here, within a day. */
  forkedAt: nullable(Timestamp),
  trouble: Type.Array(Type.String()),
  telemetry: nullable(Telemetry),
  configuration: Type.Optional(ConfigState),
});
export type Gateway = Static<typeof Gateway>;
export const GatewayList = closed({
  gateways: Type.Array(Gateway),
  storage: closed({ bytes: Count, maxBytes: nullable(Count), days: Count, oldest: nullable(Timestamp) }),
});
export type GatewayList = Static<typeof GatewayList>;

/** In the box only: what is where, by the simulator's own books. */
export const Truth = closed({
  at: Timestamp,
  items: Type.Array(closed({ epc: EpcHex, place: Uuid, observablePlace: Uuid, since: Timestamp })),
});
export type Truth = Static<typeof Truth>;
