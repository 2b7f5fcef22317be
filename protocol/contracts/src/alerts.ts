import { type Static, Type } from "typebox";
import { CODE_PATTERN, Code, Timestamp } from "./identity.js";
import { MEASUREMENTS, SERIES_TAGS, type TagName } from "./series.js";
import { closed } from "./shapes.js";

/*
 * What people set for alerts: rules (what is watched), receivers (who is told, and how) and windows (when nobody is to be told, or nothing
 * is to be opened). Each is a document with an id of its own; a setup is all of them, to be taken from one house to another.
 */

const Title = Type.String({ minLength: 1, maxLength: 120, pattern: "^[^\\u0000-\\u001f]+$" });
const Kind = Type.String({ minLength: 1, maxLength: 200, description: "kind of thing, as the catalogue calls it" });
const Place = Type.String({ pattern: CODE_PATTERN, description: "code of a place; everything in it counts" });
/** Who has to do with what: "technician", "ward-3-lead". Receivers have them, rules name them. */
export const AlertRole = Code;

export const AlertSeverity = Type.Enum(["critical", "warning", "info"]);
export type AlertSeverity = Static<typeof AlertSeverity>;

/** A gateway that is silent, one that says that something is wrong with it, or one whose journal has forked. */
const GatewayCondition = closed({ on: Type.Literal("gateway"), is: Type.Enum(["dark", "troubled", "forked"]) });

/** A figure of the time series above or below a limit, for each combination of the tags in `by`. */
const MeasurementCondition = closed({
  on: Type.Literal("measurement"),
  measurement: Type.Enum(MEASUREMENTS),
  field: Type.String({ pattern: "^[a-z0-9_]{1,40}$" }),
  /** Divides the field: reads per rounds, away per placed. */
  per: Type.Optional(Type.String({ pattern: "^[a-z0-9_]{1,40}$" })),
  /** What has a figure of its own; all tags of the measurement where absent. The others are added up. */
  by: Type.Optional(Type.Array(Type.Enum(Object.keys(SERIES_TAGS) as TagName[]), { maxItems: 8 })),
  /** Minutes that one figure is made of; 1 where absent. */
  minutes: Type.Optional(Type.Integer({ minimum: 1, maximum: 60 })),
  above: Type.Optional(Type.Number()),
  below: Type.Optional(Type.Number()),
});
export type MeasurementCondition = Static<typeof MeasurementCondition>;

/**
 * in, outside: a thing has settled in the rule's place, or somewhere else. wrong-place, missing: as the rules of its kind say
 * (`/kinds/rules`).
 */
const ItemCondition = closed({
  on: Type.Literal("items"),
  are: Type.Enum(["in", "outside", "wrong-place", "missing"]),
});

/** Rows of the journal that a part of the service could not handle and has put aside. */
const ServiceCondition = closed({ on: Type.Literal("service"), is: Type.Literal("parked") });

export const AlertCondition = Type.Union([GatewayCondition, MeasurementCondition, ItemCondition, ServiceCondition]);
export type AlertCondition = Static<typeof AlertCondition>;

const DAY_S = 86_400;

export const AlertRule = closed({
  id: Code,
  title: Title,
  severity: AlertSeverity,
  /** Yes, where absent. */
  enabled: Type.Optional(Type.Boolean()),
  when: AlertCondition,
  /** Only what is there. */
  place: Type.Optional(Place),
  /** Only things of this kind. */
  kind: Type.Optional(Kind),
  /** Seconds for which it must hold before an alert is opened. */
  lasts: Type.Integer({ minimum: 0, maximum: 90 * DAY_S }),
  /** Roles that are told; everybody where absent. */
  tell: Type.Optional(Type.Array(AlertRole, { minItems: 1, maxItems: 20 })),
  /** Who else is told when nobody has acknowledged it for so many seconds. */
  escalate: Type.Optional(
    Type.Array(
      closed({
        after: Type.Integer({ minimum: 10, maximum: 30 * DAY_S }),
        tell: Type.Array(AlertRole, { minItems: 1, maxItems: 20 }),
      }),
      { maxItems: 10 },
    ),
  ),
  /** What to do about it. */
  advice: Type.Optional(Type.String({ maxLength: 1000 })),
});
export type AlertRule = Static<typeof AlertRule>;

const Address = Type.String({
  maxLength: 254,
  pattern: '^[^\\s@<>,;"]+@[^\\s@<>,;"]+$',
  description: "e-mail address",
});

export const AlertReceiver = closed({
  id: Code,
  name: Title,
  /** Yes, where absent. */
  enabled: Type.Optional(Type.Boolean()),
  /** Rules that name one of these tell it; all where absent. */
  roles: Type.Optional(Type.Array(AlertRole, { minItems: 1, maxItems: 20 })),
  /** Only what is in these; everywhere where absent. */
  places: Type.Optional(Type.Array(Place, { minItems: 1, maxItems: 200 })),
  by: Type.Union([
    closed({ kind: Type.Literal("email"), to: Type.Array(Address, { minItems: 1, maxItems: 20 }) }),
    closed({
      kind: Type.Literal("webhook"),
      url: Type.String({ maxLength: 2000, pattern: "^https?://[^\\s]+$" }),
      insecure: Type.Optional(Type.Boolean({ description: "allow plain http beyond this machine" })),
    }),
  ]),
});
export type AlertReceiver = Static<typeof AlertReceiver>;

const ClockTime = Type.String({ pattern: "^([01][0-9]|2[0-3]):[0-5][0-9]$", description: "of the site's time zone" });
export const WEEKDAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;

/** quiet: nobody is told until it ends, but of what is critical. maintenance: nothing is opened until it ends, whatever it is. */
export const AlertWindow = closed({
  id: Code,
  title: Title,
  /** Yes, where absent. */
  enabled: Type.Optional(Type.Boolean()),
  kind: Type.Enum(["quiet", "maintenance"]),
  /** All where absent. */
  rules: Type.Optional(Type.Array(Code, { minItems: 1, maxItems: 200 })),
  places: Type.Optional(Type.Array(Place, { minItems: 1, maxItems: 200 })),
  /** Each day named, from one time to the other; across midnight where it ends before it begins. Or once. */
  when: Type.Union([
    closed({ days: Type.Array(Type.Enum(WEEKDAYS), { minItems: 1, maxItems: 7 }), from: ClockTime, to: ClockTime }),
    closed({ begins: Timestamp, ends: Timestamp }),
  ]),
});
export type AlertWindow = Static<typeof AlertWindow>;

export const AlertSetup = closed({
  rules: Type.Array(AlertRule, { maxItems: 1000 }),
  receivers: Type.Array(AlertReceiver, { maxItems: 500 }),
  windows: Type.Array(AlertWindow, { maxItems: 500 }),
});
export type AlertSetup = Static<typeof AlertSetup>;
