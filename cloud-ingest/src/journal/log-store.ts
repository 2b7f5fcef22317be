import { type Clock, isoMs, systemClock } from "@storeward/runtime";
import type { Sql, Transaction } from "../database/index.js";
import { DaySeries } from "./day-series.js";
import { nextDay } from "./days.js";

/** A column of a log beside `partition`, `pos` and `recorded_at`. */
export interface LogColumn {
  readonly name: string;
  /** Type in SQL: `text`, `int8`, `jsonb`, … */
  readonly type: string;
}

export interface LogStoreOptions<In, Row> {
  readonly table: string;
  readonly headTable: string;
  readonly partitions: readonly number[];
  readonly columns: readonly LogColumn[];
  readonly clock?: Clock;
  /** The columns' values of a row, in their order. */
  encode(row: In): readonly unknown[];
  decode(row: Record<string, unknown>): Row;
}

/** Positions, writing and reading of one log; the tables are those of `logTables`. */
export class LogStore<In, Row> {
  readonly #options: LogStoreOptions<In, Row>;
  readonly #clock: Clock;
  readonly #wakes = new Set<(partition: number) => void>();
  readonly #days: DaySeries;
  readonly #insert: string;

  constructor(options: LogStoreOptions<In, Row>) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    const { table, columns } = options;
    this.#days = new DaySeries(table);
    const names = columns.map(({ name }) => name).join(", ");
    const arrays = columns.map(({ type }, index) => `$${index + 4}::${type}[]`).join(", ");
    const values = columns.map(({ name }) => `r.${name}`).join(", ");
    this.#insert = `INSERT INTO ${table} (partition, pos, recorded_at, ${names})
      SELECT $1, $2::int8 + r.n, $3, ${values} FROM unnest(${arrays}) WITH ORDINALITY AS r(${names}, n)`;
  }

  /**
   * Appends in the caller's transaction, which holds the partition's head until it ends: callers that append to several partitions do so in
   * ascending order. Returns the position of the first row.
   */
  async append(tx: Transaction, partition: number, rows: readonly In[]): Promise<number> {
    const { headTable, columns } = this.#options;
    // Never before the last row of the partition, so that days follow each other as positions do.
    const [head] = await tx.query<{ pos: number; recorded_at: Date }>(
      `UPDATE ${headTable} SET pos = pos + $2, recorded_at = greatest(recorded_at, $3::timestamptz)
       WHERE partition = $1 RETURNING pos, recorded_at`,
      [partition, rows.length, isoMs(this.#clock.wall())],
    );
    if (head === undefined) throw new RangeError(`${headTable} has no partition ${partition}`);
    const before = head.pos - rows.length;
    if (rows.length === 0) return before + 1;
    const day = await this.#days.ensure(tx, head.recorded_at);
    // Positions are found by day, so that a reader looks into one day's table and not into four hundred.
    await tx.query(
      `INSERT INTO ${this.#options.table}_day (partition, day, first_pos) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`,
      [partition, day, before + 1],
    );
    const encoded = rows.map((row) => this.#options.encode(row));
    const arrays = columns.map((_, index) => encoded.map((values) => values[index]));
    await tx.query(this.#insert, [partition, before, head.recorded_at, ...arrays]);
    tx.afterCommit(() => this.#wake(partition));
    return before + 1;
  }

  async read(sql: Sql, partition: number, afterPos: number, limit: number): Promise<Row[]> {
    const days = await sql.query<{ day: string; first_pos: number }>(
      `SELECT day, first_pos FROM ${this.#options.table}_day WHERE partition = $1
       AND first_pos >= coalesce((SELECT max(first_pos) FROM ${this.#options.table}_day WHERE partition = $1 AND first_pos <= $2), 0)
       ORDER BY first_pos LIMIT 3`,
      [partition, afterPos + 1],
    );
    const rows: Row[] = [];
    let after = afterPos;
    for (const { day } of days) {
      const found = await sql.query(
        `SELECT * FROM ${this.#options.table} WHERE partition = $1 AND pos > $2 AND recorded_at >= $3 AND recorded_at < $4
         ORDER BY pos LIMIT $5`,
        [partition, after, `${day}T00:00:00Z`, `${nextDay(day)}T00:00:00Z`, limit - rows.length],
      );
      for (const row of found) rows.push(this.#options.decode(row));
      after = Number(found.at(-1)?.pos ?? after);
      if (rows.length >= limit) break;
    }
    return rows;
  }

  async heads(sql: Sql): Promise<ReadonlyMap<number, number>> {
    const rows = await sql.query<{ partition: number; pos: number }>(
      `SELECT partition, pos FROM ${this.#options.headTable}`,
    );
    return new Map(rows.map(({ partition, pos }) => [partition, pos]));
  }

  onAppend(wake: (partition: number) => void): () => void {
    this.#wakes.add(wake);
    return () => void this.#wakes.delete(wake);
  }

  #wake(partition: number): void {
    for (const wake of this.#wakes) wake(partition);
  }
}
