import { GENESIS_CHAIN } from "@storeward/runtime";
import type { Sql, Transaction } from "../database/index.js";

/** Where an agent's journal stands in ours. */
export interface IntakeCursor {
  readonly epoch: string;
  readonly committed: number;
  /** The chain at `committed`. */
  readonly chain: string;
  readonly released: number;
  /** Rows of this epoch have come as copies in another one. */
  readonly copied: boolean;
}

const COLUMNS = "epoch, committed, chain, released, copied";

/** A life of a journal of which nothing is here. */
export function unknownEpoch(epoch: string): IntakeCursor {
  return { epoch, committed: 0, chain: GENESIS_CHAIN, released: 0, copied: false };
}

export async function readCursors(sql: Sql, agent: string, epochs: readonly string[]): Promise<IntakeCursor[]> {
  const rows = await sql.query<IntakeCursor>(
    `SELECT ${COLUMNS} FROM intake_cursor WHERE agent = $1 AND epoch = ANY($2::text[])`,
    [agent, epochs],
  );
  return epochs.map((epoch) => rows.find((row) => row.epoch === epoch) ?? unknownEpoch(epoch));
}

/** Of each agent that has one, the cursor of the epoch that is here last. */
export async function latestCursors(
  sql: Sql,
  agents: readonly string[],
): Promise<(IntakeCursor & { readonly agent: string })[]> {
  return sql.query(
    `SELECT DISTINCT ON (agent) agent, ${COLUMNS} FROM intake_cursor WHERE agent = ANY($1::text[]) ORDER BY agent, created_at DESC`,
    [agents],
  );
}

/** A life of an agent's journal, and the first row of what has come of it. */
interface Wanted {
  readonly agent: string;
  readonly epoch: string;
  readonly first: number;
}

/** By `cursorKey`. */
export type HeldCursors = Map<string, IntakeCursor>;

export const cursorKey = (agent: string, epoch: string): string => `${agent} ${epoch}`;

/**
 * The cursors, held until the transaction ends, taken in one order so that two transactions do not wait for each other. One that is not there is made
 * when the journal begins here (`first` is 1), and else absent.
 */
export async function lockCursors(tx: Transaction, wanted: readonly Wanted[], now: Date): Promise<HeldCursors> {
  const held = await lock(tx, wanted);
  const fresh = new Map<string, Wanted>();
  for (const each of wanted) {
    const key = cursorKey(each.agent, each.epoch);
    if (each.first === 1 && !held.has(key)) fresh.set(key, each);
  }
  if (fresh.size === 0) return held;
  await tx.query(
    `INSERT INTO intake_cursor (agent, epoch, chain, created_at)
     SELECT agent, epoch, $3, $4 FROM unnest($1::text[], $2::text[]) AS n(agent, epoch) ORDER BY 1, 2 ON CONFLICT DO NOTHING`,
    [...columns([...fresh.values()]), GENESIS_CHAIN, now],
  );
  for (const [key, cursor] of await lock(tx, [...fresh.values()])) held.set(key, cursor);
  return held;
}

async function lock(tx: Transaction, wanted: readonly Wanted[]): Promise<HeldCursors> {
  const rows = await tx.query<IntakeCursor & { agent: string }>(
    `SELECT agent, ${COLUMNS} FROM intake_cursor
     WHERE (agent, epoch) IN (SELECT * FROM unnest($1::text[], $2::text[])) ORDER BY agent, epoch FOR UPDATE`,
    columns(wanted),
  );
  return new Map(rows.map(({ agent, ...cursor }) => [cursorKey(agent, cursor.epoch), cursor]));
}

function columns(wanted: readonly Wanted[]): [string[], string[]] {
  return [wanted.map(({ agent }) => agent), wanted.map(({ epoch }) => epoch)];
}

/** How a cursor moves with what was appended. */
export interface Move {
  readonly agent: string;
  readonly epoch: string;
  readonly committed: number;
  readonly chain: string;
  readonly lost: number;
  readonly quarantined: number;
  readonly skipped: number;
  readonly through: Date | undefined;
}

/** Moves cursors that this transaction holds; of each life of a journal the last move is where it stands. */
export async function moveCursors(tx: Transaction, moves: readonly Move[]): Promise<void> {
  await tx.query(
    `UPDATE intake_cursor c SET committed = n.committed, chain = n.chain, lost = c.lost + n.lost,
       quarantined = c.quarantined + n.quarantined, skipped = c.skipped + n.skipped, through = greatest(c.through, n.through)
     FROM (
       SELECT agent, epoch, max(committed) AS committed, (array_agg(chain ORDER BY n DESC))[1] AS chain, sum(lost) AS lost,
         sum(quarantined) AS quarantined, sum(skipped) AS skipped, max(through) AS through
       FROM unnest($1::text[], $2::text[], $3::int8[], $4::text[], $5::int8[], $6::int8[], $7::int8[], $8::timestamptz[])
         WITH ORDINALITY AS m(agent, epoch, committed, chain, lost, quarantined, skipped, through, n)
       GROUP BY 1, 2
     ) n WHERE c.agent = n.agent AND c.epoch = n.epoch`,
    [
      moves.map(({ agent }) => agent),
      moves.map(({ epoch }) => epoch),
      moves.map(({ committed }) => committed),
      moves.map(({ chain }) => chain),
      moves.map(({ lost }) => lost),
      moves.map(({ quarantined }) => quarantined),
      moves.map(({ skipped }) => skipped),
      moves.map(({ through }) => through?.toISOString() ?? null),
    ],
  );
}
