import { type Static, Type } from "typebox";
import { AlertReceiver, AlertRule, AlertSetup, AlertSeverity } from "./alerts.js";
import { PlaceRef } from "./api.js";
import { Next, paged } from "./api-shapes.js";
import { Code, Timestamp, Uuid } from "./identity.js";
import { Count, closed, nullable } from "./shapes.js";

/* Alerts as the API under `/api/v1/alerts` speaks of them, and as receivers are told. */

/** open: nobody has said that they know of it. closed: what it was about is over, or its rule was changed. */
export const AlertState = Type.Enum(["open", "acknowledged", "closed"]);
export type AlertState = Static<typeof AlertState>;

/** What it rests on, in words and figures, with links to where both can be looked up. */
export const AlertEvidence = closed({
  says: Type.String(),
  /** Up to here it is known to hold. */
  judged: Timestamp,
  value: Type.Optional(Type.Number()),
  limit: Type.Optional(Type.Number()),
  /** Of both, as it stands behind a figure; absent of plain numbers. */
  unit: Type.Optional(Type.String()),
  /** The tags of a measurement, the agent, the thing: what it is about. */
  about: Type.Record(Type.String(), Type.String()),
  /** Gateways that were not heard up to then: what they saw meanwhile may make it otherwise. */
  unheard: Type.Optional(Type.Array(Code)),
  links: Type.Array(closed({ name: Type.String(), href: Type.String() })),
});
export type AlertEvidence = Static<typeof AlertEvidence>;

export const Alert = closed({
  id: Uuid,
  rule: Code,
  title: Type.String(),
  severity: AlertSeverity,
  state: AlertState,
  /** Which of all that the rule watches, in words. */
  what: Type.String(),
  places: Type.Array(PlaceRef),
  /** Since when it holds. */
  since: Timestamp,
  openedAt: Timestamp,
  acknowledged: nullable(closed({ at: Timestamp, by: Type.String(), note: Type.String() })),
  closed: nullable(closed({ at: Timestamp, why: Type.String() })),
  /** Steps of its escalation that were taken. */
  escalated: Count,
  evidence: AlertEvidence,
  advice: nullable(Type.String()),
});
export type Alert = Static<typeof Alert>;

export const AlertQuery = closed({
  state: Type.Optional(AlertState),
  rule: Type.Optional(Code),
  agent: Type.Optional(Code),
  item: Type.Optional(Uuid),
  ...paged(100),
});
/** What is open first, the worst of it first, then the latest. */
export const AlertPage = closed({ alerts: Type.Array(Alert), next: Next });
export type AlertPage = Static<typeof AlertPage>;

/** `GET /alerts/counts`. */
export const AlertCounts = closed({ open: Count, critical: Count, acknowledged: Count });
export type AlertCounts = Static<typeof AlertCounts>;

/** How far telling one address of it has come. */
export const AlertDelivery = closed({
  key: Type.String({ description: "Message-ID and Idempotency-Key: the same at every repetition" }),
  receiver: Code,
  to: Type.String({ description: "an address, or a host" }),
  event: Type.String({ description: "opened, escalated 1, closed" }),
  state: Type.Enum(["waiting", "held", "delivered", "given-up"]),
  attempts: Count,
  at: nullable(Timestamp),
  error: nullable(Type.String()),
});
export const AlertDetail = closed({ ...Alert.properties, deliveries: Type.Array(AlertDelivery) });
export type AlertDetail = Static<typeof AlertDetail>;

export const AlertAcknowledgement = closed({ note: Type.Optional(Type.String({ maxLength: 500 })) });

/** How each receiver is, and what cannot be judged now: what is shown to whoever looks at alerts. */
export const AlertStatus = closed({
  /** Whether e-mail can be sent at all: `alerts.mail` of cloud.yaml. */
  mail: Type.Boolean(),
  receivers: Type.Array(
    closed({
      id: Code,
      name: Type.String(),
      kind: Type.Enum(["email", "webhook", "push"]),
      enabled: Type.Boolean(),
      waiting: Count,
      deliveredAt: nullable(Timestamp),
      failingSince: nullable(Timestamp),
      error: nullable(Type.String()),
    }),
  ),
  /** Rules of which nothing is said now, and why. */
  unjudged: Type.Array(closed({ rule: Code, why: Type.String() })),
});
export type AlertStatus = Static<typeof AlertStatus>;

/** `units`: what the limits of rules about figures are in, by rule; plain numbers have none. */
export const AlertRules = closed({ rules: Type.Array(AlertRule), units: Type.Record(Code, Type.String()) });
export type AlertRules = Static<typeof AlertRules>;
/** `PUT /alerts/setup`: each list that is given replaces all there is of its kind. */
export const AlertSetupChange = Type.Partial(AlertSetup, { additionalProperties: false });
export type AlertSetupChange = Static<typeof AlertSetupChange>;
export const AlertSetupResult = closed({ changed: Count, removed: Count, unchanged: Count });
export type AlertSetupResult = Static<typeof AlertSetupResult>;
/** With the secret of a webhook, which is told once. */
export const AlertReceiverAnswer = closed({ receiver: AlertReceiver, secret: Type.Optional(Type.String()) });
export type AlertReceiverAnswer = Static<typeof AlertReceiverAnswer>;

const Base64Url = (length: number) => Type.String({ pattern: `^[A-Za-z0-9_-]{${length}}$` });
/** `GET /alerts/push`: with which a browser subscribes (VAPID, RFC 8292). */
export const AlertPushKey = closed({ publicKey: Base64Url(87) });
export type AlertPushKey = Static<typeof AlertPushKey>;
/** `POST /alerts/push`: a browser's subscription as it gives it, and what it is to be told of; everything where absent. */
export const AlertPushSubscription = closed({
  endpoint: Type.String({ maxLength: 2000, pattern: "^https?://[^\\s]+$" }),
  keys: closed({ p256dh: Base64Url(87), auth: Base64Url(22) }),
  roles: Type.Optional(Type.Array(Code, { minItems: 1, maxItems: 20 })),
  places: Type.Optional(Type.Array(Code, { minItems: 1, maxItems: 200 })),
});
export type AlertPushSubscription = Static<typeof AlertPushSubscription>;

/** The body that a webhook is sent: Standard Webhooks. */
export interface AlertMessage {
  /** alert.opened, alert.escalated, alert.closed, alert.test */
  readonly type: string;
  readonly timestamp: string;
  readonly data: Alert | { readonly says: string };
}
