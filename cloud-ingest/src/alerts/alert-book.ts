import type { Alert } from "@storeward/contracts";
import { type Clock, crashPoint, isoMs, systemClock } from "@storeward/runtime";
import { type AuditSource, audit } from "../audit/index.js";
import type { Database, Sql, Transaction } from "../database/index.js";
import type { PlaceDirectory } from "../places/index.js";
import { ALERT_COLUMNS, type AlertRow, alertOf } from "./alert-rows.js";
import { E } from "./errors.js";
import type { Ended } from "./judging/conditions.js";
import { type OutboxWindows, tellEnd } from "./telling/outbox.js";

export interface AlertBookDeps {
  readonly db: Database;
  readonly directory: OutboxWindows["directory"] & Pick<PlaceDirectory, "byId">;
  /** When nobody is to be told. */
  readonly windows: (sql: Sql) => Promise<OutboxWindows["windows"]>;
  /** Who shows alerts is told that something has changed. */
  readonly live: { append(tx: Transaction, event: { type: "alert"; data: { id: string } }): void };
  /** Called after a commit that put something into the outbox. */
  readonly wake: () => void;
  readonly clock?: Clock;
}

/** What becomes of alerts once they are open. Each change is in the transaction of what makes it, with what is told of it. */
export class AlertBook {
  readonly #deps: AlertBookDeps;
  readonly #clock: Clock;

  constructor(deps: AlertBookDeps) {
    this.#deps = deps;
    this.#clock = deps.clock ?? systemClock;
  }

  alertOf(row: AlertRow): Alert {
    return alertOf(row, this.#deps.directory);
  }

  /** Closes the alerts of what is over, where there are any, and tells those who were told of them. */
  async close(tx: Transaction, ended: readonly Ended[]): Promise<void> {
    if (ended.length === 0) return;
    const rows = await tx.query<AlertRow>(
      `UPDATE alert a SET closed_at = greatest(n.at, a.opened_at), closed_why = n.why
       FROM unnest($1::text[], $2::text[], $3::timestamptz[], $4::text[]) AS n(rule, subject, at, why)
       WHERE a.rule = n.rule AND a.subject = n.subject AND a.closed_at IS NULL RETURNING ${ALERT_COLUMNS}`,
      [
        ended.map(({ rule }) => rule),
        ended.map(({ subject }) => subject),
        ended.map(({ at }) => isoMs(at)),
        ended.map(({ why }) => why),
      ],
    );
    await this.#closed(tx, rows);
  }

  /** Rules were changed or removed: what was found by them is judged anew, and their alerts are closed. */
  async forgetRules(tx: Transaction, rules: readonly string[]): Promise<void> {
    await tx.query(
      "DELETE FROM due d USING alert_condition c WHERE d.kind = 'open' AND d.key = c.key AND c.rule = ANY($1)",
      [rules],
    );
    await tx.query("DELETE FROM alert_condition WHERE rule = ANY($1)", [rules]);
    const rows = await tx.query<AlertRow>(
      `UPDATE alert a SET closed_at = greatest($2, a.opened_at), closed_why = 'Its rule was changed'
       WHERE a.rule = ANY($1) AND a.closed_at IS NULL RETURNING ${ALERT_COLUMNS}`,
      [rules, isoMs(this.#clock.wall())],
    );
    await this.#closed(tx, rows);
  }

  /** Somebody knows of it: nobody else is told. Done again by another it says who was first. ALERT_NOT_FOUND, ALERT_CLOSED. */
  async acknowledge(id: string, note: string, source: AuditSource): Promise<Alert> {
    return this.#deps.db.transaction(async (tx) => {
      const [found] = await tx.query<AlertRow>(`SELECT ${ALERT_COLUMNS} FROM alert a WHERE a.id = $1 FOR UPDATE`, [id]);
      if (found === undefined) throw E.ALERT_NOT_FOUND();
      if (found.closed_at !== null) throw E.ALERT_CLOSED();
      if (found.acknowledged_at !== null) return this.alertOf(found);
      const [row = found] = await tx.query<AlertRow>(
        `UPDATE alert a SET acknowledged_at = $2, acknowledged_by = $3, note = $4 WHERE a.id = $1 RETURNING ${ALERT_COLUMNS}`,
        [id, isoMs(this.#clock.wall()), source.actor, note],
      );
      await this.#noEscalation(tx, [id]);
      await audit(tx, {
        ...source,
        action: "alert.acknowledged",
        subject: `alert:${id}`,
        detail: { rule: row.rule, note },
      });
      this.changed(tx, id);
      return this.alertOf(row);
    });
  }

  /** Tells pages and the deliverer, once the transaction has committed. */
  changed(tx: Transaction, id: string): void {
    this.#deps.live.append(tx, { type: "alert", data: { id } });
    crashPoint("before-alerts-commit");
    tx.afterCommit(() => {
      crashPoint("after-alerts-commit");
      this.#deps.wake();
    });
  }

  async #closed(tx: Transaction, rows: readonly AlertRow[]): Promise<void> {
    const [first] = rows;
    if (first === undefined) return;
    await this.#noEscalation(
      tx,
      rows.map(({ id }) => id),
    );
    const { directory, windows } = this.#deps;
    await tellEnd(
      tx,
      { directory, windows: await windows(tx) },
      rows.map((row) => this.alertOf(row)),
      this.#clock.wall(),
    );
    this.changed(tx, first.id);
  }

  async #noEscalation(tx: Transaction, ids: readonly string[]): Promise<void> {
    await tx.query("DELETE FROM due WHERE kind = 'escalate' AND split_part(key, ' ', 1) = ANY($1)", [ids]);
  }
}
