import type { RefusedAct } from "@storeward/contracts";
import { type AuditSource, audit } from "../audit/index.js";
import type { Database, Sql, Transaction } from "../database/index.js";
import type { Journal } from "../journal/index.js";
import { type TaggableItems, unlistAct } from "../tags/index.js";
import { E } from "./errors.js";
import { type PerformDeps, perform, type Refusal, reasonOf } from "./perform.js";
import { doActsAgain } from "./redated.js";
import type { ActPlace, ToldAct } from "./types.js";

/** What is listed as done is done all the same: as of when it was thought to have been. */
const STANDING = "left join tag_act a on a.agent = r.source and a.epoch = r.epoch and a.seq = r.seq and not a.refused";

const SELECT = `select r.source, s.name as "sourceName", r.epoch, r.seq, r.act, r.item, r.actor, r.context, r.code, r.reason,
    r.observed_at as "observedAt", r.recorded_at as "recordedAt", a.at as "standsAt", t.epc
  from refused_act r join journal_source s on s.id = r.source join tag t on t.number = r.tag ${STANDING} where r.settled_at is null`;

type Row = Omit<RefusedAct, "itemName" | "observedAt" | "recordedAt" | "standsAt"> & {
  readonly observedAt: Date;
  readonly recordedAt: Date;
  readonly standsAt: Date | null;
};

export async function writeRefusals(tx: Transaction, refusals: readonly Refusal[], actor: string): Promise<void> {
  for (const { told, code, reason } of refusals) {
    const { source, epoch, seq, act, tag, item, at, context } = told;
    await tx.query(
      `insert into refused_act (source, epoch, seq, act, tag, item, observed_at, recorded_at, actor, context, code, reason)
       values ($1, $2, $3, $4, $5, $6, $7, now(), $8, $9, $10, $11)`,
      [
        source,
        epoch,
        seq,
        act,
        tag,
        item,
        at,
        actor,
        context === undefined ? null : JSON.stringify(context),
        code,
        reason,
      ],
    );
  }
}

/** What names items. */
type Names = Pick<TaggableItems, "names">;

/** Acts that wait for a decision, the oldest first; of one source, or of all. */
export async function refusedActs(
  sql: Sql,
  names: Names,
  { source, limit }: { readonly source: string | undefined; readonly limit: number },
): Promise<RefusedAct[]> {
  const rows = await sql.query<Row>(
    `${SELECT} and ($1::text is null or r.source = $1) order by r.recorded_at, r.source, r.epoch, r.seq limit $2`,
    [source ?? null, limit],
  );
  return shown(sql, names, rows);
}

/** A range of a source's journal. */
export interface Range {
  readonly source: string;
  readonly epoch: string;
  readonly first: number;
  readonly last: number;
}

/** Those of them that stand in a range. */
export async function refusedWithin(
  sql: Sql,
  names: Names,
  { source, epoch, first, last }: Range,
): Promise<RefusedAct[]> {
  const rows = await sql.query<Row>(
    `${SELECT} and r.source = $1 and r.epoch = $2 and r.seq between $3 and $4 order by r.seq`,
    [source, epoch, first, last],
  );
  return shown(sql, names, rows);
}

async function shown(sql: Sql, { names }: Names, rows: readonly Row[]): Promise<RefusedAct[]> {
  if (rows.length === 0) return [];
  const named = await names(
    sql,
    rows.map(({ item }) => item),
  );
  return rows.map((row) => ({
    ...row,
    itemName: named.get(row.item) ?? null,
    observedAt: row.observedAt.toISOString(),
    recordedAt: row.recordedAt.toISOString(),
    standsAt: row.standsAt?.toISOString() ?? null,
    reason: row.reason.replaceAll("{epc}", row.epc ?? "(erased)"),
  }));
}

export interface SettleDeps extends PerformDeps {
  readonly db: Database;
  readonly journal: Pick<Journal, "appendActs">;
}

/**
 * Tries a refused act again, as of when it was done; one that is done already as of another moment in its place among the others. Why it still
 * cannot be done; undefined: it is done. Errors: REFUSED_ACT_GONE.
 */
export function tryAgain(deps: SettleDeps, place: ActPlace, by: AuditSource): Promise<string | undefined> {
  const { db, journal, ...performing } = deps;
  return db.transaction(async (tx) => {
    const { standsAt, ...told } = await hold(tx, place);
    const { source: agent, epoch, seq } = place;
    if (standsAt !== null) {
      const { acts, outcomes } = await doActsAgain(tx, performing, [{ of: { agent, epoch, seq }, at: told.at }], by);
      if (acts.length > 0) await journal.appendActs(tx, acts);
      const own = outcomes.find(({ of }) => of.agent === agent && of.epoch === epoch && of.seq === seq);
      return own?.error === undefined ? undefined : reasonOf(own.error, own.epc).reason;
    }
    const { acts, refusals } = await perform(tx, performing, [told], by);
    const [refusal] = refusals;
    if (refusal !== undefined) {
      await tx.query(`update refused_act set code = $4, reason = $5 where ${AT}`, [
        ...at(place),
        refusal.code,
        refusal.reason,
      ]);
      return refusal.reason;
    }
    if (acts.length > 0) await journal.appendActs(tx, acts);
    await settle(tx, place, "done", by);
    return undefined;
  });
}

/** Lets a refused act be: it stays in the journal, and nothing comes of it but what stands. Errors: REFUSED_ACT_GONE. */
export function dismiss(db: Database, place: ActPlace, by: AuditSource): Promise<void> {
  return db.transaction(async (tx) => {
    const { standsAt } = await hold(tx, place);
    const { source: agent, epoch, seq } = place;
    if (standsAt === null) await unlistAct(tx, { agent, epoch, seq });
    await settle(tx, place, "dismissed", by);
  });
}

const AT = "source = $1 and epoch = $2 and seq = $3";
const at = ({ source, epoch, seq }: ActPlace): [string, string, number] => [source, epoch, seq];

type Held = ToldAct & { readonly standsAt: Date | null };

async function hold(tx: Transaction, place: ActPlace): Promise<Held> {
  const [row] = await tx.query<Omit<Held, "context"> & { context: ToldAct["context"] | null }>(
    `select r.source, r.epoch, r.seq, r.act, r.tag, r.item, r.observed_at as at, a.at as "standsAt", r.context
     from refused_act r ${STANDING} where r.source = $1 and r.epoch = $2 and r.seq = $3 and r.settled_at is null for update of r`,
    at(place),
  );
  if (row === undefined) throw E.REFUSED_ACT_GONE();
  return { ...row, context: row.context ?? undefined };
}

async function settle(
  tx: Transaction,
  place: ActPlace,
  settlement: "done" | "dismissed",
  by: AuditSource,
): Promise<void> {
  await tx.query(`update refused_act set settled_at = now(), settled_by = $4, settlement = $5 where ${AT}`, [
    ...at(place),
    by.actor,
    settlement,
  ]);
  const { source, epoch, seq } = place;
  await audit(tx, { ...by, action: `act.${settlement}`, subject: `source:${source}`, detail: { epoch, seq } });
}
