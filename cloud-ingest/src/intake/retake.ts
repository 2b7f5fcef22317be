import { type Clock, systemClock } from "@storeward/runtime";
import type { Database, Transaction } from "../database/index.js";
import { type AppendDeps, appendRows, type GoodRow, inSavepoint } from "./append.js";
import { ClockBook } from "./clock-book.js";
import type { QuarantinedAt } from "./quarantine.js";
import { storable } from "./storable.js";
import { understand } from "./understand.js";

export interface RetakeDeps extends AppendDeps {
  readonly db: Database;
  readonly clock?: Clock;
  /** This release: with `onlyUntried`, rows it has tried before are passed over. */
  readonly version: string;
  readonly onlyUntried?: boolean;
  readonly agent?: string | undefined;
}

export interface Retaken {
  /** Rows that are in the journal now. */
  readonly taken: number;
  /** Rows that this release does not understand either. */
  readonly left: number;
}

interface Stored extends QuarantinedAt {
  readonly chain: string | null;
  readonly body: Buffer;
}

/** Rows in one transaction, all of one epoch. */
const AT_ONCE = 100;

/**
 * Tries again what could not be understood: what is understood now goes into the journal under its own number, once, however often and by
 * whomever this is run; the rest stays, with the reason of this release.
 */
export async function retake(deps: RetakeDeps): Promise<Retaken> {
  let [taken, left] = [0, 0];
  let after: QuarantinedAt | undefined;
  for (;;) {
    const step = await deps.db.transaction((tx) => retakeSome(tx, deps, after));
    if (step === undefined) return { taken, left };
    taken += step.taken;
    left += step.left;
    after = step.last;
  }
}

async function retakeSome(
  tx: Transaction,
  deps: RetakeDeps,
  after: QuarantinedAt | undefined,
): Promise<(Retaken & { readonly last: QuarantinedAt }) | undefined> {
  const place = await nextEpoch(tx, deps, after);
  if (place === undefined) return undefined;
  const { agent, epoch } = place;
  // As intake does: what comes in of this agent waits, and another who does this finds the rows taken.
  await tx.query("SELECT FROM intake_cursor WHERE agent = $1 AND epoch = $2 FOR UPDATE", [agent, epoch]);
  const rows = await tx.query<Stored>(
    `SELECT agent, epoch, seq, chain, body FROM quarantine
     WHERE agent = $1 AND epoch = $2 AND seq >= $3 AND ${WAITS("$4")} ORDER BY seq LIMIT $5`,
    [agent, epoch, place.seq, triedBy(deps), AT_ONCE],
  );
  const last = rows.at(-1);
  if (last === undefined) return { taken: 0, left: 0, last: place };
  const { taken, failed } = await append(tx, deps, place, rows);
  await note(tx, deps, place, { taken, failed });
  return { taken: taken.length, left: failed.length, last };
}

const WAITS = (version: string): string =>
  `retaken_at IS NULL AND (${version}::text IS NULL OR tried_by IS DISTINCT FROM ${version})`;

function triedBy({ onlyUntried, version }: RetakeDeps): string | null {
  return onlyUntried === true ? version : null;
}

async function nextEpoch(
  tx: Transaction,
  deps: RetakeDeps,
  after: QuarantinedAt | undefined,
): Promise<QuarantinedAt | undefined> {
  const [next] = await tx.query<QuarantinedAt>(
    `SELECT agent, epoch, seq FROM quarantine
     WHERE ($1::text IS NULL OR agent = $1) AND ${WAITS("$2")} AND ($3::text IS NULL OR (agent, epoch, seq) > ($3, $4, $5::int8))
     ORDER BY agent, epoch, seq LIMIT 1`,
    [deps.agent ?? null, triedBy(deps), after?.agent ?? null, after?.epoch ?? null, after?.seq ?? null],
  );
  return next;
}

interface Failed {
  readonly seq: number;
  readonly error: string;
}

async function append(
  tx: Transaction,
  deps: RetakeDeps,
  { agent, epoch }: QuarantinedAt,
  rows: readonly Stored[],
): Promise<{ taken: number[]; failed: Failed[] }> {
  const now = (deps.clock ?? systemClock).wall();
  const taken: number[] = [];
  const failed: Failed[] = [];
  const good: GoodRow[] = [];
  for (const { seq, chain, body } of rows) {
    const understood = understand(agent, body);
    // Rows that were quarantined before there were chains have none.
    if (understood.ok)
      good.push({ agent, epoch, seq, chain: chain ?? undefined, body, observation: understood.observation });
    else failed.push({ seq, error: understood.error });
  }
  const boots = new Set(good.map(({ observation }) => observation.at.boot));
  const named = [...boots].map((boot) => ({ agent, boot }));
  const clocks = await ClockBook.of(tx, named);
  for (const row of good) {
    const error = await inSavepoint(tx, () => appendRows(tx, deps, { clocks, now, late: true }, [row]));
    if (error === undefined) taken.push(row.seq);
    else failed.push({ seq: row.seq, error });
  }
  await ClockBook.save(tx, [...clocks.values()], new Date(now));
  return { taken, failed };
}

async function note(
  tx: Transaction,
  { version, clock = systemClock }: RetakeDeps,
  { agent, epoch }: QuarantinedAt,
  { taken, failed }: { readonly taken: readonly number[]; readonly failed: readonly Failed[] },
): Promise<void> {
  await tx.query(
    "UPDATE quarantine SET retaken_at = $4, tried_by = $5 WHERE agent = $1 AND epoch = $2 AND seq = ANY ($3)",
    [agent, epoch, taken, new Date(clock.wall()), version],
  );
  await tx.query("UPDATE intake_cursor SET quarantined = quarantined - $3 WHERE agent = $1 AND epoch = $2", [
    agent,
    epoch,
    taken.length,
  ]);
  await tx.query(
    `UPDATE quarantine q SET error = n.error, tried_by = $5 FROM unnest($3::int8[], $4::text[]) AS n(seq, error)
     WHERE q.agent = $1 AND q.epoch = $2 AND q.seq = n.seq`,
    [agent, epoch, failed.map(({ seq }) => seq), failed.map(({ error }) => storable(error).slice(0, 1000)), version],
  );
}
