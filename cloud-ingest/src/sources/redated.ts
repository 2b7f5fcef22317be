import { type AuditSource, audit, auditAll } from "../audit/index.js";
import type { Transaction } from "../database/index.js";
import type { Act } from "../journal/index.js";
import { type ActOutcome, doAgain, type MovedAct, type TaggableItems } from "../tags/index.js";
import { reasonOf } from "./perform.js";

export interface ActsAgain {
  /** To be appended to the journal, in this order. */
  readonly acts: readonly Act[];
  readonly outcomes: readonly ActOutcome[];
}

/**
 * Does acts again as of when they were done, with what depends on them, in the caller's transaction. What is then at odds with what is known waits
 * for a decision, and no longer does what now can be done.
 */
export async function doActsAgain(
  tx: Transaction,
  deps: { readonly items: TaggableItems },
  moved: readonly MovedAct[],
  by: AuditSource,
): Promise<ActsAgain> {
  const again = await doAgain(tx, deps, moved);
  await auditAll(
    tx,
    again.acts.map(({ act, tag, item, validFrom }) => ({
      ...by,
      action: act === "tag-bound" ? "tag.bound" : "tag.retired",
      subject: `item:${item}`,
      detail: { tag, validFrom },
    })),
  );
  for (const outcome of again.outcomes) await note(tx, outcome, by);
  return again;
}

async function note(tx: Transaction, outcome: ActOutcome, by: AuditSource): Promise<void> {
  const { of, at, was, error, wasRefused } = outcome;
  const { agent, epoch, seq } = of;
  const isMoved = at.getTime() !== was.getTime();
  if (error === undefined) await noteDone(tx, outcome, by);
  else await noteRefused(tx, outcome);
  if (!isMoved && wasRefused === (error !== undefined)) return;
  const dates = isMoved ? { was: was.toISOString(), at: at.toISOString() } : {};
  const why = error === undefined ? {} : { code: reasonOf(error, undefined).code };
  const action = isMoved ? "act.redated" : error === undefined ? "act.done" : "act.refused";
  await audit(tx, { ...by, action, subject: `source:${agent}`, detail: { epoch, seq, ...dates, ...why } });
}

async function noteDone(tx: Transaction, { of: { agent, epoch, seq } }: ActOutcome, by: AuditSource): Promise<void> {
  await tx.query(
    `update refused_act set settled_at = now(), settled_by = $4, settlement = 'done'
     where source = $1 and epoch = $2 and seq = $3 and settled_at is null`,
    [agent, epoch, seq, by.actor],
  );
}

async function noteRefused(tx: Transaction, outcome: ActOutcome): Promise<void> {
  const { of, act, tag, epc, item, actor, at, error } = outcome;
  const { code, reason } = reasonOf(error, epc);
  await tx.query(
    `insert into refused_act as r (source, epoch, seq, act, tag, item, observed_at, recorded_at, actor, context, code, reason)
     values ($1, $2, $3, $4, $5, $6, $7, now(), $8,
       (select body -> 'context' from journal where agent = $1 and epoch = $2 and seq = $3 limit 1), $9, $10)
     on conflict (source, epoch, seq) do update set observed_at = excluded.observed_at, code = excluded.code, reason = excluded.reason,
       settled_at = null, settled_by = null, settlement = null`,
    [of.agent, of.epoch, of.seq, act, tag, item, at, actor, code, reason],
  );
}
