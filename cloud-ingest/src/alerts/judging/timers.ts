import type { AlertRule } from "@storeward/contracts";
import { isoMs } from "@storeward/runtime";
import { uuidv7 } from "uuidv7";
import type { Transaction } from "../../database/index.js";
import type { AlertBook } from "../alert-book.js";
import { ALERT_COLUMNS, type AlertRow } from "../alert-rows.js";
import type { CurrentSetup } from "../setup/setup-store.js";
import { coversIn, type OutboxSetup, tell } from "../telling/outbox.js";
import { windowEnd } from "../telling/windows.js";
import type { Finding } from "../types.js";

const AT_ONCE = 500;
/** Of one rule so many alerts are open at most: of what is more nobody could be told apart. */
export const MOST_OPEN = 200;
/** Rows a follower may be behind before nothing is opened by what it found. */
const LAG = 2000;

export interface TimerDeps {
  readonly book: Pick<AlertBook, "alertOf" | "changed">;
  readonly directory: OutboxSetup["directory"];
}

interface DueCondition {
  readonly key: string;
  readonly at: Date;
  readonly rule: string;
  readonly subject: string;
  readonly since: Date;
  readonly finding: Finding;
  readonly judged: Date;
}

/**
 * Opens alerts of conditions that have lasted long enough: judged by how far their gateway has looked, or up to when they were found to hold, and
 * not by the clock on the wall. A timer is taken away by who fires it, under compare-and-set. Returns the rules of which no more can be open.
 */
export async function openDue(
  tx: Transaction,
  deps: TimerDeps,
  setup: CurrentSetup,
  through: ReadonlyMap<string, Date>,
  now: number,
): Promise<Set<string>> {
  const counts = await openCounts(tx);
  const full = new Set([...counts].flatMap(([rule, count]) => (count >= MOST_OPEN ? rule : [])));
  const due = await dueConditions(tx, through, [...full]);
  const rules = new Map(setup.rules.map((rule) => [rule.id, rule]));
  const later: { key: string; at: number }[] = [];
  const ready: { condition: DueCondition; rule: AlertRule }[] = [];
  for (const condition of due) {
    const rule = rules.get(condition.rule);
    if (rule === undefined) continue;
    const count = counts.get(rule.id) ?? 0;
    const about = { rule: rule.id, severity: rule.severity, places: condition.finding.places };
    const { site } = deps.directory;
    const end = windowEnd(setup.windows, "maintenance", about, now, site.timeZone, coversIn(deps.directory));
    if (end !== undefined) later.push({ key: condition.key, at: end });
    else if (count < MOST_OPEN) {
      counts.set(rule.id, count + 1);
      ready.push({ condition, rule });
    }
  }
  await moveTimers(tx, later);
  await open(tx, deps, setup, ready, now);
  return full;
}

function dueConditions(
  tx: Transaction,
  through: ReadonlyMap<string, Date>,
  full: readonly string[],
): Promise<DueCondition[]> {
  return tx.query<DueCondition>(
    `SELECT d.key, d.at, c.rule, c.subject, c.since, c.finding, coalesce(t.through, c.judged) AS judged
     FROM due d JOIN alert_condition c ON c.key = d.key
     LEFT JOIN unnest($1::text[], $2::timestamptz[]) AS t(agent, through) ON t.agent = c.agent
     WHERE d.kind = 'open' AND NOT c.rule = ANY($3) AND d.at <= CASE WHEN c.agent IS NULL THEN c.judged ELSE t.through END
       AND (c.agent IS NULL OR (
         SELECT coalesce(sum(h.pos - f.pos), 0) FROM stay_change_head h JOIN follower_cursor f USING (partition) WHERE f.follower = 'alerts'
       ) < ${LAG})
     ORDER BY d.at, d.key LIMIT ${AT_ONCE} FOR UPDATE OF c`,
    [[...through.keys()], [...through.values()].map((at) => at.toISOString()), full],
  );
}

async function openCounts(tx: Transaction): Promise<Map<string, number>> {
  const rows = await tx.query<{ rule: string; open: number }>(
    "SELECT rule, count(*) AS open FROM alert WHERE closed_at IS NULL GROUP BY rule",
  );
  return new Map(rows.map(({ rule, open: count }) => [rule, count]));
}

async function moveTimers(
  tx: Transaction,
  timers: readonly { readonly key: string; readonly at: number }[],
): Promise<void> {
  if (timers.length === 0) return;
  await tx.query(
    "UPDATE due d SET at = n.at FROM unnest($1::text[], $2::timestamptz[]) AS n(key, at) WHERE d.kind = 'open' AND d.key = n.key",
    [timers.map(({ key }) => key), timers.map(({ at }) => isoMs(at))],
  );
}

async function open(
  tx: Transaction,
  { book, directory }: TimerDeps,
  setup: CurrentSetup,
  ready: readonly { readonly condition: DueCondition; readonly rule: AlertRule }[],
  now: number,
): Promise<void> {
  if (ready.length === 0) return;
  const fired = await tx.query<{ key: string }>(
    `DELETE FROM due d USING unnest($1::text[], $2::timestamptz[]) AS n(key, at)
     WHERE d.kind = 'open' AND d.key = n.key AND d.at = n.at RETURNING d.key`,
    [ready.map(({ condition }) => condition.key), ready.map(({ condition }) => condition.at.toISOString())],
  );
  const ours = new Set(fired.map(({ key }) => key));
  const opened = ready.filter(({ condition }) => ours.has(condition.key));
  const rows = await tx.query<AlertRow>(
    `INSERT INTO alert AS a (id, rule, subject, severity, title, what, advice, places, since, opened_at, evidence)
     SELECT id, rule, subject, severity, title, what, advice, ARRAY(SELECT p::uuid FROM jsonb_array_elements_text(places) p), since, $10, evidence
     FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::jsonb[], $9::timestamptz[], $11::jsonb[])
       AS n(id, rule, subject, severity, title, what, advice, places, since, evidence)
     ON CONFLICT (rule, subject) WHERE closed_at IS NULL DO NOTHING RETURNING ${ALERT_COLUMNS}`,
    [
      opened.map(() => uuidv7()),
      opened.map(({ rule }) => rule.id),
      opened.map(({ condition }) => condition.subject),
      opened.map(({ rule }) => rule.severity),
      opened.map(({ rule }) => rule.title),
      opened.map(({ condition }) => condition.finding.what),
      opened.map(({ rule }) => rule.advice ?? null),
      opened.map(({ condition }) => JSON.stringify(condition.finding.places)),
      opened.map(({ condition }) => condition.since.toISOString()),
      isoMs(now),
      opened.map(({ condition }) =>
        JSON.stringify({ ...condition.finding.evidence, judged: condition.judged.toISOString() }),
      ),
    ],
  );
  const rules = new Map(opened.map(({ rule }) => [rule.id, rule]));
  const tellings = rows.map((row) => ({ alert: book.alertOf(row), event: "opened", roles: rules.get(row.rule)?.tell }));
  await tell(tx, { ...setup, directory }, tellings, now);
  const steps = rows.flatMap(({ id, rule }) =>
    (rules.get(rule)?.escalate ?? []).map(({ after }, index) => ({
      key: `${id} ${index + 1}`,
      at: now + after * 1000,
    })),
  );
  await tx.query("INSERT INTO due (kind, key, at) SELECT 'escalate', * FROM unnest($1::text[], $2::timestamptz[])", [
    steps.map(({ key }) => key),
    steps.map(({ at }) => isoMs(at)),
  ]);
  const [first] = rows;
  if (first !== undefined) book.changed(tx, first.id);
}

/** Tells those who are next of alerts that nobody has acknowledged. Their time is on the wall. */
export async function escalateDue(
  tx: Transaction,
  { book, directory }: TimerDeps,
  setup: CurrentSetup,
  now: number,
): Promise<void> {
  const due = await tx.query<{ key: string }>(
    `DELETE FROM due WHERE (kind, key) IN (
       SELECT kind, key FROM due WHERE kind = 'escalate' AND at <= $1 ORDER BY at LIMIT ${AT_ONCE} FOR UPDATE SKIP LOCKED
     ) RETURNING key`,
    [isoMs(now)],
  );
  const rules = new Map(setup.rules.map((rule) => [rule.id, rule]));
  // Steps that have fallen due together are told in their order.
  for (const { id, step } of due.map(({ key }) => stepOf(key)).sort((a, b) => a.step - b.step)) {
    const [row] = await tx.query<AlertRow>(
      `UPDATE alert a SET escalated = $2 WHERE a.id = $1 AND a.closed_at IS NULL AND a.acknowledged_at IS NULL RETURNING ${ALERT_COLUMNS}`,
      [id, step],
    );
    const roles = row && rules.get(row.rule)?.escalate?.[step - 1]?.tell;
    if (row === undefined || roles === undefined) continue;
    await tell(tx, { ...setup, directory }, [{ alert: book.alertOf(row), event: `escalated ${step}`, roles }], now);
    book.changed(tx, id);
  }
}

function stepOf(key: string): { id: string; step: number } {
  const [id = "", step = "0"] = key.split(" ");
  return { id, step: Number(step) };
}
