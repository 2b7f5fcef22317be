import type { Database, Sql } from "../database/index.js";
import type { Follower, LogRow } from "../journal/index.js";
import { E } from "./errors.js";

/** Positions by partition. */
export type Positions = ReadonlyMap<number, number>;

const AT_ONCE = 500;

/** Where a follower stands. */
export async function positionsOf(sql: Sql, follower: string): Promise<Map<number, number>> {
  const rows = await sql.query<{ partition: number; pos: number }>(
    "SELECT partition, pos FROM follower_cursor WHERE follower = $1 ORDER BY partition",
    [follower],
  );
  return new Map(rows.map(({ partition, pos }) => [partition, pos]));
}

export interface CatchUp<Row extends LogRow<unknown>> {
  /** Where the follower writes, and where its cursors are. */
  readonly db: Database;
  readonly follower: Follower<Row>;
  readonly upTo: Positions;
  /** Partitions to come after the others. */
  readonly last?: readonly number[];
  /** After each batch, with its number of rows. */
  onBatch(rows: number): Promise<void>;
}

/**
 * Runs a follower up to these positions and not further. A row that cannot be handled ends it: what it would have changed is unknown.
 */
export async function catchUp<Row extends LogRow<unknown>>({
  db,
  follower,
  upTo,
  last = [],
  onBatch,
}: CatchUp<Row>): Promise<void> {
  const at = await positionsOf(db, follower.name);
  const order = [...upTo].sort(([a], [b]) => Number(last.includes(a)) - Number(last.includes(b)) || a - b);
  for (const [partition, cap] of order)
    for (let pos = at.get(partition) ?? 0; pos < cap; ) {
      const { rows, to } = await db.transaction(async (tx) => {
        const found = await follower.log.read(tx, partition, pos, Math.min(AT_ONCE, cap - pos));
        const end = found.at(-1)?.pos;
        if (end === undefined || end > cap) throw E.REBUILD_ROWS_MISSING({ partition, pos, cap });
        await follower.handle(tx, found);
        await tx.query("UPDATE follower_cursor SET pos = $3 WHERE follower = $1 AND partition = $2", [
          follower.name,
          partition,
          end,
        ]);
        return { rows: found.length, to: end };
      });
      pos = to;
      await onBatch(rows);
    }
}
