import { defineErrors } from "@storeward/runtime";
import type { Sql, Transaction } from "../database/index.js";

const E = defineErrors({
  CURSOR_MOVED: { template: "The cursor of {follower} in partition {partition} was moved by another", retryable: true },
});

export interface Held {
  readonly positions: ReadonlyMap<number, number>;
  /** Whether rows were put aside about things of which there may be more rows. */
  readonly parked: boolean;
}

/** Where one follower stands in every partition. */
export class Cursors {
  readonly #follower: string;

  constructor(follower: string) {
    this.#follower = follower;
  }

  async create(sql: Sql, partitions: readonly number[]): Promise<void> {
    await sql.query(
      "INSERT INTO follower_cursor (follower, partition) SELECT $1, unnest($2::int4[]) ON CONFLICT DO NOTHING",
      [this.#follower, partitions],
    );
  }

  async all(sql: Sql): Promise<Map<number, number>> {
    const rows = await sql.query<{ partition: number; pos: number }>(
      "SELECT partition, pos FROM follower_cursor WHERE follower = $1",
      [this.#follower],
    );
    return new Map(rows.map(({ partition, pos }) => [partition, pos]));
  }

  /** The positions, held until the transaction ends; without those of partitions on which another process works. */
  async lock(tx: Transaction, partitions: readonly number[]): Promise<Held> {
    const rows = await tx.query<{ partition: number; pos: number; parked: boolean }>(
      `SELECT partition, pos, EXISTS (SELECT FROM parked_row p WHERE p.follower = $1 AND p.key IS NOT NULL) AS parked
       FROM follower_cursor WHERE follower = $1 AND partition = ANY($2::int4[])
       ORDER BY partition FOR UPDATE SKIP LOCKED`,
      [this.#follower, partitions],
    );
    return {
      positions: new Map(rows.map(({ partition, pos }) => [partition, pos])),
      parked: rows.some(({ parked }) => parked),
    };
  }

  /** Moves each partition in `to` from where it is in `from`. */
  async move(tx: Transaction, from: ReadonlyMap<number, number>, to: ReadonlyMap<number, number>): Promise<void> {
    const partitions = [...to.keys()];
    const moved = await tx.query<{ partition: number }>(
      `UPDATE follower_cursor c SET pos = n.new, moved_at = now()
       FROM unnest($2::int4[], $3::int8[], $4::int8[]) AS n(partition, old, new)
       WHERE c.follower = $1 AND c.partition = n.partition AND c.pos = n.old RETURNING c.partition`,
      [this.#follower, partitions, partitions.map((partition) => from.get(partition)), [...to.values()]],
    );
    const done = new Set(moved.map(({ partition }) => partition));
    const partition = partitions.find((each) => !done.has(each));
    if (partition !== undefined) throw E.CURSOR_MOVED({ follower: this.#follower, partition });
  }
}
