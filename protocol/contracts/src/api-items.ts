import { type Static, Type } from "typebox";
import { PlaceRef } from "./api.js";
import { Name, Next, paged } from "./api-shapes.js";
import { Code, EpcHex, Timestamp, Uuid } from "./identity.js";
import { TagActKind } from "./observation.js";
import { Count, closed, nullable, Probability } from "./shapes.js";

/* Things and their kinds, and the tags on them, as the API under `/api/v1` speaks of them. */

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
  confidence: Probability,
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
  alternatives: Type.Array(closed({ place: PlaceRef, p: Probability })),
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
  ...paged(50),
});
export const ItemPage = closed({ items: Type.Array(Item), next: Next });
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
export const UnknownTagPage = closed({ tags: Type.Array(UnknownTag), next: Next });
export type UnknownTagPage = Static<typeof UnknownTagPage>;
export const UnknownTagQuery = closed({
  ...paged(50),
});
/** What an act on an item's tags leaves: those it has and had, the latest first. */
export const TagBindingList = closed({ tags: Type.Array(TagBinding) });
