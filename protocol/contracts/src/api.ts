import { type Static, type TProperties, type TSchema, Type } from "typebox";
import { ConfigState } from "./api-devices.js";
import { Code, EpcHex, Timestamp, Uuid } from "./identity.js";
import { Direction, OBSERVATION_TYPES, TagActKind } from "./observation.js";
import { PlaceType } from "./site.js";
import { Telemetry } from "./telemetry.js";

/* Requests and answers of the HTTP API under `/api/v1`. */

const closed = <P extends TProperties>(properties: P, options = {}) =>
  Type.Object(properties, { additionalProperties: false, ...options });
const nullable = <S extends TSchema>(schema: S) => Type.Union([schema, Type.Null()]);
const Count = Type.Integer({ minimum: 0 });
const Confidence = Type.Number({ minimum: 0, maximum: 1 });
const Name = Type.String({ minLength: 1, maxLength: 200 });

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

/**
 * here: a watching read point accounts for it. moving: it has just left where it was, and no read point has settled it yet. left: it
 * went out into an area that no read point watches; `place` is that area. unknown: never seen, or what watched it went blind;
 * `place` is then where it was last, or null.
 */
export const ItemState = Type.Enum(["here", "moving", "left", "unknown"]);
export type ItemState = Static<typeof ItemState>;

/**
 * wrongPlace: it has been for a while where its kind may not be. missing: it is not accounted for, and was not seen where it belongs although that is
 * watched. Nothing is missing from where nobody watches: it is unknown.
 */
export const ItemTrouble = closed({
  wrongPlace: Type.Optional(closed({ since: Timestamp, expected: Type.Array(PlaceRef) })),
  missing: Type.Optional(
    closed({
      /** When it was seen last. */
      since: Timestamp,
      lastPlace: nullable(PlaceRef),
      /** For so long since then the places in question were all watched. */
      watchedSeconds: Count,
      expected: Type.Array(PlaceRef),
    }),
  ),
});
export type ItemTrouble = Static<typeof ItemTrouble>;
export const TroubleKind = Type.Enum(["wrong-place", "missing"]);
export type TroubleKind = Static<typeof TroubleKind>;
/** `GET /items/troubles`: how many things are in which trouble. */
export const TroubleCounts = closed({ wrongPlace: Count, missing: Count });
export type TroubleCounts = Static<typeof TroubleCounts>;

export const Item = closed({
  id: Uuid,
  epc: nullable(EpcHex),
  name: Name,
  kind: Name,
  place: nullable(PlaceRef),
  state: ItemState,
  since: nullable(Timestamp),
  seenAt: nullable(Timestamp),
  confidence: Confidence,
  /** Where a gateway that is catching up sees it now; its journal has not told yet. */
  preliminary: Type.Optional(closed({ place: PlaceRef, asOf: Timestamp })),
  trouble: Type.Optional(ItemTrouble),
});
export type Item = Static<typeof Item>;

export const TagBinding = closed({
  epc: EpcHex,
  uri: nullable(Type.String()),
  validFrom: Timestamp,
  validTo: nullable(Timestamp),
  boundBy: Type.String(),
});
export type TagBinding = Static<typeof TagBinding>;
export const ItemDetail = closed({
  ...Item.properties,
  gtin: nullable(Type.String()),
  giai: nullable(Type.String()),
  serial: nullable(Type.String()),
  homePlace: nullable(PlaceRef),
  /** Where else it may be, most likely first; what is missing to 1 is spread over all other places. */
  alternatives: Type.Array(closed({ place: PlaceRef, p: Confidence })),
  why: Type.String({ description: "in words, what the state rests on" }),
  tags: Type.Array(TagBinding),
  links: closed({ self: Type.String(), history: Type.String(), evidence: Type.String() }),
});
export type ItemDetail = Static<typeof ItemDetail>;

export const ItemQuery = closed({
  q: Type.Optional(Type.String({ maxLength: 200 })),
  kind: Type.Optional(Type.String({ maxLength: 200 })),
  place: Type.Optional(Uuid),
  /** Where the one who asks is: among what is known the nearest come first. */
  near: Type.Optional(Uuid),
  /** Only what is in this trouble. */
  trouble: Type.Optional(TroubleKind),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 500, default: 50 })),
  cursor: Type.Optional(Type.String({ maxLength: 500 })),
});
export const ItemPage = closed({ items: Type.Array(Item), next: nullable(Type.String()) });
export type ItemPage = Static<typeof ItemPage>;

/** `GET /kinds`. The words must begin words of the kind; `near` as for items. */
export const KindQuery = closed({
  q: Type.Optional(Type.String({ maxLength: 200 })),
  near: Type.Optional(Uuid),
});
/** How many of a kind are where. */
export const KindSummary = closed({
  kind: Name,
  total: Count,
  places: Type.Array(closed({ place: nullable(PlaceRef), state: ItemState, count: Count })),
});
export type KindSummary = Static<typeof KindSummary>;
export const KindPage = closed({ kinds: Type.Array(KindSummary) });
export type KindPage = Static<typeof KindPage>;

/** Where things of a kind may be, and where they belong: places by code, with all that is in them. Without places there is no rule. */
export const KindRule = closed({
  kind: Name,
  allowedPlaces: Type.Optional(Type.Array(Code, { maxItems: 200 })),
  homePlaces: Type.Optional(Type.Array(Code, { maxItems: 200 })),
  /** Seconds in a wrong place before that is said; 10 minutes where absent. */
  wrongPlaceAfter: Type.Optional(Type.Integer({ minimum: 30, maximum: 30 * 86_400 })),
  /** Seconds not seen where it belongs, all of them watched, before it is said to be missing; half an hour where absent. */
  missingAfter: Type.Optional(Type.Integer({ minimum: 30, maximum: 30 * 86_400 })),
});
export type KindRule = Static<typeof KindRule>;
/** `GET /kinds/rules`, and `PUT` for those to be set. */
export const KindRules = closed({ rules: Type.Array(KindRule, { maxItems: 1000 }) });

/** The address of one observation: what anything Storeward says rests on. */
export const ObservationRef = closed({
  agent: Code,
  epoch: Type.String(),
  seq: Type.Integer({ minimum: 0 }),
  type: Type.Enum([...OBSERVATION_TYPES, "act"]),
  readPoint: nullable(Code),
  observedAt: Timestamp,
});
export type ObservationRef = Static<typeof ObservationRef>;

/** What was said of a stay at some time. */
const Said = { place: nullable(PlaceRef), from: Timestamp, to: nullable(Timestamp) };
export const Correction = closed({
  /** When it was corrected. */
  recordedAt: Timestamp,
  was: closed(Said),
});
export type Correction = Static<typeof Correction>;
export const Stay = closed({
  ...Said,
  recordedAt: Timestamp,
  confidence: Confidence,
  observations: Type.Array(ObservationRef),
  /** How often something was told of it to those who keep books; 0: it has not settled yet. */
  revision: Count,
  /** What had been told and was not so, oldest first. */
  corrections: Type.Array(Correction),
});
export type Stay = Static<typeof Stay>;
/** A stay that was told and turned out never to have been. */
export const RetractedStay = closed({ ...Said, toldAt: Timestamp, retractedAt: Timestamp });
export type RetractedStay = Static<typeof RetractedStay>;
export const StayPage = closed({
  stays: Type.Array(Stay),
  /** Those of the time that this page covers; none with `asOf`. */
  retracted: Type.Array(RetractedStay),
  next: nullable(Type.String()),
});
export type StayPage = Static<typeof StayPage>;

/** What an observation says of an item, in words of the evidence; fields that do not belong to it are absent. */
export const EvidenceStep = closed({
  ...ObservationRef.properties,
  /** When it happened; null for `recordedAt`: the row is kept no more. */
  at: Timestamp,
  recordedAt: nullable(Timestamp),
  says: Type.Enum(["present", "gone", "missed", "crossed", "near"]),
  rounds: Type.Optional(Type.Number()),
  reads: Type.Optional(Type.Number()),
  rssi: Type.Optional(nullable(Type.Number())),
  completeness: Type.Optional(Type.Number()),
  direction: Type.Optional(Direction),
  /** Of a passage: how sure the door was. */
  p: Type.Optional(Confidence),
  /** How sure the place of this answer was before it and after it; 0 while the item was thought elsewhere. */
  before: Confidence,
  after: Confidence,
  /** Where it was thought to be after it. */
  place: nullable(PlaceRef),
});
export type EvidenceStep = Static<typeof EvidenceStep>;

/** `GET /items/{id}/evidence?at=`: what the answer rests on, as known today. */
export const ItemEvidence = closed({
  at: Timestamp,
  place: nullable(PlaceRef),
  since: nullable(Timestamp),
  seenAt: nullable(Timestamp),
  /** By the evidence alone. */
  p: Confidence,
  /** What blindness since has left of it; null for a moment in the past. */
  confidence: nullable(Confidence),
  /** What watches the place, and for how long it did not between `seenAt` and `at`. */
  watchers: Type.Array(closed({ readPoint: Code, blindSeconds: Type.Number({ minimum: 0 }) })),
  blindSeconds: Type.Number({ minimum: 0, description: "the longest of them" }),
  /** The latest first; what opened the stay is always among them. */
  evidence: Type.Array(EvidenceStep),
  /** There is more than is shown. */
  more: Type.Boolean(),
});
export type ItemEvidence = Static<typeof ItemEvidence>;

export const NewItem = closed({
  name: Name,
  kind: Name,
  epc: Type.Optional(EpcHex),
  gtin: Type.Optional(Type.String({ pattern: "^[0-9]{14}$" })),
  giai: Type.Optional(Type.String({ minLength: 1, maxLength: 30 })),
  home: Type.Optional(Code),
});
export type NewItem = Static<typeof NewItem>;

/** Loads a list whole or not at all; an item whose EPC is already bound to the same item is left unchanged. */
export const ItemImport = closed({
  items: Type.Array(NewItem, { minItems: 1, maxItems: 2000 }),
  /** Of their kinds, or of others: as in `PUT /kinds/rules`. */
  rules: Type.Optional(Type.Array(KindRule, { maxItems: 1000 })),
  dryRun: Type.Optional(Type.Boolean()),
});
export const ItemImportResult = closed({
  created: Count,
  changed: Count,
  unchanged: Count,
  errors: Type.Array(closed({ index: Count, code: Type.String(), message: Type.String() })),
});
export type ItemImportResult = Static<typeof ItemImportResult>;

/** bind: this tag too. replace: this tag instead of the ones it has. retire: this tag no longer. */
export const TagAct = closed({
  act: TagActKind,
  epc: EpcHex,
  /** Since when it holds; now, where absent. */
  validFrom: Type.Optional(Timestamp),
});
export type TagAct = Static<typeof TagAct>;

export const UnknownTag = closed({
  epc: EpcHex,
  uri: nullable(Type.String()),
  firstSeenAt: Timestamp,
  lastSeenAt: Timestamp,
  readPoint: Code,
  place: nullable(PlaceRef),
  observations: Count,
});
export type UnknownTag = Static<typeof UnknownTag>;
export const UnknownTagPage = closed({ tags: Type.Array(UnknownTag), next: nullable(Type.String()) });
export type UnknownTagPage = Static<typeof UnknownTagPage>;
export const UnknownTagQuery = closed({
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 500, default: 50 })),
  cursor: Type.Optional(Type.String({ maxLength: 500 })),
});
/** What an act on an item's tags leaves: those it has and had, the latest first. */
export const TagBindingList = closed({ tags: Type.Array(TagBinding) });

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
