import type { AlertCounts, AlertDetail, AlertPage, AlertQuery, AlertStatus } from "@storeward/contracts";
import { isoMs } from "@storeward/runtime";
import { type Static, Type } from "typebox";
import type { Sql } from "../database/index.js";
import { cursorReader, encodeCursor } from "../http/index.js";
import type { PlaceDirectory } from "../places/index.js";
import { ALERT_COLUMNS, type AlertRow, alertOf } from "./alert-rows.js";
import { E } from "./errors.js";
import type { StoredReceiver, Unjudged } from "./types.js";

type Directory = Pick<PlaceDirectory, "byId">;

const readCursor = cursorReader(
  Type.Tuple([Type.Integer(), Type.String({ format: "date-time" }), Type.String({ format: "uuid" })]),
);

/** What is open and critical first, then what is open, acknowledged, closed; the latest first. */
const RANK = `CASE WHEN a.closed_at IS NOT NULL THEN 4 WHEN a.acknowledged_at IS NOT NULL THEN 3
  WHEN a.severity = 'critical' THEN 0 WHEN a.severity = 'warning' THEN 1 ELSE 2 END`;
const STATE = `CASE WHEN a.closed_at IS NOT NULL THEN 'closed' WHEN a.acknowledged_at IS NOT NULL THEN 'acknowledged' ELSE 'open' END`;

export async function alertPage(sql: Sql, directory: Directory, query: Static<typeof AlertQuery>): Promise<AlertPage> {
  const { state = null, rule = null, agent = null, item = null, limit = 100, cursor } = query;
  const [rank, at, id] = readCursor(cursor) ?? [null, null, null];
  const rows = await sql.query<AlertRow & { rank: number }>(
    `SELECT ${ALERT_COLUMNS}, ${RANK} AS rank FROM alert a
     WHERE ($1::text IS NULL OR ${STATE} = $1) AND ($2::text IS NULL OR a.rule = $2)
       AND ($3::text IS NULL OR a.evidence -> 'about' ->> 'agent' = $3) AND ($4::text IS NULL OR a.evidence -> 'about' ->> 'item' = $4)
       AND ($5::int4 IS NULL OR ${RANK} > $5 OR (${RANK} = $5 AND (a.opened_at, a.id) < ($6::timestamptz, $7::uuid)))
     ORDER BY rank, a.opened_at DESC, a.id DESC LIMIT $8`,
    [state, rule, agent, item, rank, at, id, limit + 1],
  );
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  const more = rows.length > limit && last !== undefined;
  return {
    alerts: shown.map((row) => alertOf(row, directory)),
    next: more ? encodeCursor([last.rank, isoMs(last.opened_at.getTime()), last.id]) : null,
  };
}

export async function alertCounts(sql: Sql): Promise<AlertCounts> {
  const [row] = await sql.query<AlertCounts>(
    `SELECT count(*) FILTER (WHERE acknowledged_at IS NULL) AS open, count(*) FILTER (WHERE acknowledged_at IS NULL AND severity = 'critical') AS critical,
       count(*) FILTER (WHERE acknowledged_at IS NOT NULL) AS acknowledged FROM alert WHERE closed_at IS NULL`,
  );
  return row ?? { open: 0, critical: 0, acknowledged: 0 };
}

/** With how far telling of it has come. ALERT_NOT_FOUND. */
export async function alertDetail(sql: Sql, directory: Directory, id: string): Promise<AlertDetail> {
  const [row] = await sql.query<AlertRow>(`SELECT ${ALERT_COLUMNS} FROM alert a WHERE a.id = $1`, [id]);
  if (row === undefined) throw E.ALERT_NOT_FOUND();
  const told = await sql.query<{
    key: string;
    receiver: string;
    target: string;
    event: string;
    held: boolean;
    attempts: number;
    next_at: Date;
    delivered_at: Date | null;
    given_up_at: Date | null;
    error: string | null;
  }>(
    `SELECT key, receiver, target, event, held, attempts, next_at, delivered_at, given_up_at, error FROM alert_outbox
     WHERE alert = $1 ORDER BY n LIMIT 500`,
    [id],
  );
  const deliveries = told.map(({ key, receiver, target, event, held, attempts, error, ...at }) => {
    const state: AlertDetail["deliveries"][number]["state"] =
      at.delivered_at !== null ? "delivered" : at.given_up_at !== null ? "given-up" : held ? "held" : "waiting";
    const when = at.delivered_at ?? at.given_up_at ?? at.next_at;
    return { key, receiver, to: shownTarget(target), event, state, attempts, at: isoMs(when.getTime()), error };
  });
  return { ...alertOf(row, directory), deliveries };
}

/** An address; of a URL its host, for the rest may be a secret. */
function shownTarget(target: string): string {
  return URL.canParse(target) && target.startsWith("http") ? new URL(target).host : target;
}

export async function alertStatus(sql: Sql, receivers: readonly StoredReceiver[], mail: boolean): Promise<AlertStatus> {
  const states = await sql.query<{
    receiver: string;
    waiting: number;
    delivered_at: Date | null;
    failing_since: Date | null;
    error: string | null;
  }>(
    `SELECT s.receiver, s.delivered_at, s.failing_since, s.error, count(o.key) AS waiting
     FROM alert_receiver_state s LEFT JOIN alert_outbox o ON o.receiver = s.receiver AND o.delivered_at IS NULL AND o.given_up_at IS NULL
     GROUP BY s.receiver`,
  );
  const byId = new Map(states.map((state) => [state.receiver, state]));
  const [evaluator] = await sql.query<{ unjudged: Unjudged[] }>(
    "SELECT unjudged_minute || unjudged AS unjudged FROM alert_evaluator",
  );
  const iso = (at: Date | null | undefined) => (at == null ? null : isoMs(at.getTime()));
  return {
    mail,
    receivers: receivers.map(({ id, name, by, enabled = true }) => {
      const state = byId.get(id);
      return {
        id,
        name,
        kind: by.kind,
        enabled,
        waiting: state?.waiting ?? 0,
        deliveredAt: iso(state?.delivered_at),
        failingSince: iso(state?.failing_since),
        error: state?.error ?? null,
      };
    }),
    unjudged: evaluator?.unjudged ?? [],
  };
}
