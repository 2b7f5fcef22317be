import type { AlertRule } from "@storeward/contracts";
import { isoMs } from "@storeward/runtime";
import type { Transaction } from "../../database/index.js";
import type { Finding, Judgement } from "../types.js";

/** What was known to hold of one subject of a rule, and is over. */
export interface Ended {
  readonly rule: string;
  readonly subject: string;
  /** ms since 1970 */
  readonly at: number;
  readonly why: string;
}

interface Known {
  readonly rule: string;
  readonly subject: string;
  readonly judged: Date;
}

interface Holding {
  readonly rule: AlertRule;
  readonly finding: Finding;
}

const OVER = "It is over by itself";

/** The key of the timer of a condition. */
function dueKey(rule: string, subject: string): string {
  return `${rule} ${subject}`;
}

/**
 * Brings what is known to hold of these rules to what was found. What is new gets a timer; what is found no more and not excused is over. `at`
 * in milliseconds since 1970. Returns what is over, whose alerts are to be closed.
 */
export async function applyJudgements(tx: Transaction, judgements: readonly Judgement[], at: number): Promise<Ended[]> {
  if (judgements.length === 0) return [];
  const known = await tx.query<Known>("SELECT rule, subject, judged FROM alert_condition WHERE rule = ANY($1)", [
    judgements.map(({ rule }) => rule.id),
  ]);
  const byRule = new Map<string, Known[]>();
  for (const one of known) byRule.set(one.rule, [...(byRule.get(one.rule) ?? []), one]);
  const ended: Ended[] = [];
  const begun: Holding[] = [];
  const going: Holding[] = [];
  for (const { rule, findings, excused = () => false } of judgements) {
    const left = new Map((byRule.get(rule.id) ?? []).map((one) => [one.subject, one]));
    for (const finding of findings) {
      const was = left.get(finding.subject);
      left.delete(finding.subject);
      const { subject, began = 0 } = finding;
      const interrupted = was !== undefined && began > was.judged.getTime();
      if (interrupted) ended.push({ rule: rule.id, subject, at: began, why: OVER });
      if (was === undefined || interrupted) begun.push({ rule, finding });
      else going.push({ rule, finding });
    }
    for (const { subject } of left.values())
      if (!excused(subject)) ended.push({ rule: rule.id, subject, at, why: OVER });
  }
  await endConditions(tx, ended);
  await beginConditions(tx, begun);
  await goOn(tx, going);
  return ended;
}

/** New conditions, each with the timer that opens its alert. One that there is already stays as it is. */
export async function beginConditions(tx: Transaction, begun: readonly Holding[]): Promise<void> {
  if (begun.length === 0) return;
  await tx.query(
    `WITH new AS (
       INSERT INTO alert_condition (rule, subject, since, judged, agent, finding, key)
       SELECT rule, subject, since, judged, agent, finding, key
       FROM unnest($1::text[], $2::text[], $3::timestamptz[], $4::timestamptz[], $5::text[], $6::jsonb[], $7::text[])
         AS n(rule, subject, since, judged, agent, finding, key)
       ORDER BY rule, subject ON CONFLICT DO NOTHING RETURNING key
     )
     INSERT INTO due (kind, key, at)
     SELECT 'open', key, at FROM new JOIN unnest($7::text[], $8::timestamptz[]) AS d(key, at) USING (key)
     ON CONFLICT DO NOTHING`,
    [
      begun.map(({ rule }) => rule.id),
      begun.map(({ finding }) => finding.subject),
      begun.map(({ finding }) => isoMs(finding.since)),
      begun.map(({ finding }) => isoMs(finding.judged)),
      begun.map(({ finding }) => finding.agent ?? null),
      begun.map(({ finding }) => JSON.stringify(finding)),
      begun.map(({ rule, finding }) => dueKey(rule.id, finding.subject)),
      begun.map(({ rule, finding }) => isoMs(finding.since + rule.lasts * 1000)),
    ],
  );
}

/** Conditions are gone before their alerts are looked for: who opens one holds its condition. */
export async function endConditions(tx: Transaction, ended: readonly Pick<Ended, "rule" | "subject">[]): Promise<void> {
  if (ended.length === 0) return;
  const rules = ended.map(({ rule }) => rule);
  const subjects = ended.map(({ subject }) => subject);
  await tx.query(
    `DELETE FROM alert_condition c USING unnest($1::text[], $2::text[]) AS n(rule, subject)
     WHERE c.rule = n.rule AND c.subject = n.subject`,
    [rules, subjects],
  );
  await tx.query("DELETE FROM due WHERE kind = 'open' AND key = ANY($1)", [
    ended.map(({ rule, subject }) => dueKey(rule, subject)),
  ]);
}

async function goOn(tx: Transaction, going: readonly Holding[]): Promise<void> {
  if (going.length === 0) return;
  await tx.query(
    `UPDATE alert_condition c SET judged = greatest(c.judged, n.judged), finding = n.finding
     FROM unnest($1::text[], $2::text[], $3::timestamptz[], $4::jsonb[]) AS n(rule, subject, judged, finding)
     WHERE c.rule = n.rule AND c.subject = n.subject`,
    [
      going.map(({ rule }) => rule.id),
      going.map(({ finding }) => finding.subject),
      going.map(({ finding }) => isoMs(finding.judged)),
      going.map(({ finding }) => JSON.stringify(finding)),
    ],
  );
}
