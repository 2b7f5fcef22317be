import type { Alert, AlertEvidence, AlertSeverity } from "@storeward/contracts";
import { isoMs } from "@storeward/runtime";
import type { PlaceDirectory } from "../places/index.js";

/** An alert as the table has it. */
export interface AlertRow {
  readonly id: string;
  readonly rule: string;
  readonly subject: string;
  readonly severity: AlertSeverity;
  readonly title: string;
  readonly what: string;
  readonly advice: string | null;
  readonly places: readonly string[];
  readonly since: Date;
  readonly opened_at: Date;
  readonly evidence: AlertEvidence;
  readonly acknowledged_at: Date | null;
  readonly acknowledged_by: string | null;
  readonly note: string | null;
  readonly closed_at: Date | null;
  readonly closed_why: string | null;
  readonly escalated: number;
}

export const ALERT_COLUMNS = `a.id, a.rule, a.subject, a.severity, a.title, a.what, a.advice, a.places, a.since, a.opened_at, a.evidence,
  a.acknowledged_at, a.acknowledged_by, a.note, a.closed_at, a.closed_why, a.escalated`;

export function alertOf(row: AlertRow, directory: Pick<PlaceDirectory, "byId">): Alert {
  const { id, rule, severity, title, what, advice, evidence, escalated } = row;
  const acknowledged =
    row.acknowledged_at === null
      ? null
      : { at: isoMs(row.acknowledged_at.getTime()), by: row.acknowledged_by ?? "", note: row.note ?? "" };
  const closed = row.closed_at === null ? null : { at: isoMs(row.closed_at.getTime()), why: row.closed_why ?? "" };
  return {
    id,
    rule,
    title,
    severity,
    state: closed !== null ? "closed" : acknowledged !== null ? "acknowledged" : "open",
    what,
    places: row.places.flatMap((place) => directory.byId(place) ?? []),
    since: isoMs(row.since.getTime()),
    openedAt: isoMs(row.opened_at.getTime()),
    acknowledged,
    closed,
    escalated,
    evidence,
    advice,
  };
}
