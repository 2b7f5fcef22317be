import { createHash } from "node:crypto";
import type { Alert, AlertWindow } from "@storeward/contracts";
import { isoMs } from "@storeward/runtime";
import type { Transaction } from "../../database/index.js";
import type { PlaceDirectory } from "../../places/index.js";
import type { StoredReceiver } from "../types.js";
import { targetsOf } from "./routing.js";
import { windowEnd } from "./windows.js";

export interface Telling {
  readonly alert: Alert;
  /** opened, escalated 1, … */
  readonly event: string;
  /** None: everybody. */
  readonly roles: readonly string[] | undefined;
}

export interface OutboxSetup extends OutboxWindows {
  readonly receivers: readonly StoredReceiver[];
}

export interface OutboxWindows {
  readonly windows: readonly AlertWindow[];
  readonly directory: Pick<PlaceDirectory, "site" | "byCode" | "within">;
}

/** Whether a place (code) has one of these (ids) in it. */
export function coversIn(directory: Pick<PlaceDirectory, "byCode" | "within">) {
  return (code: string, ids: readonly string[]): boolean => {
    const place = directory.byCode(code);
    if (place === undefined) return false;
    const within = directory.within(place.id);
    return ids.some((id) => within.includes(id));
  };
}

/** Until when nobody is to be told of it; undefined: at once. */
function heldUntil({ windows, directory }: OutboxWindows, alert: Alert, at: number): number | undefined {
  const about = { rule: alert.rule, severity: alert.severity, places: alert.places.map(({ id }) => id) };
  const ends = (["quiet", "maintenance"] as const).flatMap(
    (kind) => windowEnd(windows, kind, about, at, directory.site.timeZone, coversIn(directory)) ?? [],
  );
  return ends.length === 0 ? undefined : Math.max(...ends);
}

/**
 * Puts into the outbox what is to be told, in the transaction of what it tells of. Windows hold it back until they end. A receiver that has been
 * told of this event already is not told again.
 */
export async function tell(
  tx: Transaction,
  { receivers, windows, directory }: OutboxSetup,
  tellings: readonly Telling[],
  at: number,
): Promise<void> {
  const covers = coversIn(directory);
  const rows = tellings.flatMap(({ alert, event, roles }) => {
    const places = alert.places.map(({ id }) => id);
    const until = heldUntil({ windows, directory }, alert, at);
    return targetsOf(receivers, roles, places, covers).map(({ receiver, address }) => ({
      key: keyOf(alert.id, event, receiver, address),
      alert: alert.id,
      receiver,
      address,
      event,
      body: bodyOf(event, alert, at),
      next: until ?? at,
      held: until !== undefined,
    }));
  });
  await insert(tx, rows, at);
}

/**
 * Tells those of the end who have been told of the beginning. Of what nobody was told yet because of quiet hours nobody is told at all.
 */
export async function tellEnd(
  tx: Transaction,
  setup: OutboxWindows,
  alerts: readonly Alert[],
  at: number,
): Promise<void> {
  const ids = alerts.map(({ id }) => id);
  await tx.query(
    "DELETE FROM alert_outbox WHERE alert = ANY($1) AND held AND attempts = 0 AND delivered_at IS NULL AND next_at > $2",
    [ids, isoMs(at)],
  );
  const told = await tx.query<{ alert: string; receiver: string; target: string }>(
    "SELECT DISTINCT alert, receiver, target FROM alert_outbox WHERE alert = ANY($1) AND given_up_at IS NULL ORDER BY 1, 2, 3",
    [ids],
  );
  const byId = new Map(alerts.map((alert) => [alert.id, alert]));
  const rows = told.flatMap(({ alert: id, receiver, target }) => {
    const alert = byId.get(id);
    if (alert === undefined) return [];
    const key = keyOf(id, "closed", receiver, target);
    const until = heldUntil(setup, alert, at);
    return {
      key,
      alert: id,
      receiver,
      address: target,
      event: "closed",
      body: bodyOf("closed", alert, at),
      next: until ?? at,
      held: until !== undefined,
    };
  });
  await insert(tx, rows, at);
}

/** A word of the service to one receiver, to see whether it arrives. */
export async function tellTest(
  tx: Transaction,
  receiver: StoredReceiver,
  says: string,
  nonce: string,
  at: number,
): Promise<void> {
  const { id, name, by } = receiver;
  const rows = targetsOf([{ id, name, by }], undefined, [], () => true);
  const body = JSON.stringify({ type: "alert.test", timestamp: isoMs(at), data: { says } });
  await insert(
    tx,
    rows.map(({ address }) => ({
      key: keyOf(nonce, "test", receiver.id, address),
      alert: null,
      receiver: receiver.id,
      address,
      event: "test",
      body,
      next: at,
      held: false,
    })),
    at,
  );
}

interface NewRow {
  readonly key: string;
  readonly alert: string | null;
  readonly receiver: string;
  readonly address: string;
  readonly event: string;
  readonly body: string;
  readonly next: number;
  readonly held: boolean;
}

async function insert(tx: Transaction, rows: readonly NewRow[], at: number): Promise<void> {
  if (rows.length === 0) return;
  await tx.query(
    "INSERT INTO alert_receiver_state (receiver) SELECT DISTINCT unnest($1::text[]) ORDER BY 1 ON CONFLICT DO NOTHING",
    [rows.map(({ receiver }) => receiver)],
  );
  await tx.query(
    `INSERT INTO alert_outbox (key, alert, receiver, target, event, body, created_at, next_at, held)
     SELECT key, alert, receiver, target, event, body, $9, next_at, held
     FROM unnest($1::text[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::timestamptz[], $8::boolean[])
       WITH ORDINALITY AS n(key, alert, receiver, target, event, body, next_at, held, nth) ORDER BY nth ON CONFLICT DO NOTHING`,
    [
      rows.map(({ key }) => key),
      rows.map(({ alert }) => alert),
      rows.map(({ receiver }) => receiver),
      rows.map(({ address }) => address),
      rows.map(({ event }) => event),
      rows.map(({ body }) => body),
      rows.map(({ next }) => isoMs(next)),
      rows.map(({ held }) => held),
      isoMs(at),
    ],
  );
}

/** Stable: made of what is told and to whom, so that no two processes and no repetition make another. */
function keyOf(alert: string, event: string, receiver: string, address: string): string {
  const hash = createHash("sha256")
    .update(JSON.stringify([alert, event, receiver, address]))
    .digest("hex");
  return `alert-${hash.slice(0, 40)}`;
}

function bodyOf(event: string, alert: Alert, at: number): string {
  const [word] = event.split(" ");
  return JSON.stringify({ type: `alert.${word}`, timestamp: isoMs(at), data: alert });
}
