import { defineErrors } from "@storeward/runtime";
import type { Sql, Transaction } from "../database/index.js";

const E = defineErrors({
  CURSOR_MOVED: { template: "The cursor of {follower} in partition {partition} was moved by another", retryable: true },
});

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

  /** The position, held until the transaction ends; undefined while another process works on the partition. */
  async lock(tx: Transaction, partition: number): Promise<number | undefined> {
    const [row] = await tx.query<{ pos: number }>(
      "SELECT pos FROM follower_cursor WHERE follower = $1 AND partition = $2 FOR UPDATE SKIP LOCKED",
      [this.#follower, partition],
    );
    return row?.pos;
  }

  async move(tx: Transaction, partition: number, from: number, to: number): Promise<void> {
    const moved = await tx.query(
      "UPDATE follower_cursor SET pos = $4, moved_at = now() WHERE follower = $1 AND partition = $2 AND pos = $3 RETURNING pos",
      [this.#follower, partition, from, to],
    );
    if (moved.length === 0) throw E.CURSOR_MOVED({ follower: this.#follower, partition });
  }
}
