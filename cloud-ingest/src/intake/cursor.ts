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

/** The cursor, held until the transaction ends. One that is not there is made when the journal begins here (`first` is 1). */
export async function lockCursor(
  tx: Transaction,
  { agent, epoch, first, now }: { agent: string; epoch: string; first: number; now: Date },
): Promise<IntakeCursor | undefined> {
  const find = () =>
    tx.query<IntakeCursor>(`SELECT ${COLUMNS} FROM intake_cursor WHERE agent = $1 AND epoch = $2 FOR UPDATE`, [
      agent,
      epoch,
    ]);
  const [found] = await find();
  if (found !== undefined || first !== 1) return found;
  await tx.query(
    "INSERT INTO intake_cursor (agent, epoch, chain, created_at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
    [agent, epoch, GENESIS_CHAIN, now],
  );
  return (await find())[0];
}
