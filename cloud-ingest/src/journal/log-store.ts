import { type Clock, isoMs, systemClock } from "@storeward/runtime";
import { type ArrayType, arrayOf, columns as columnsOf, type Sql, type Transaction } from "../database/index.js";
import { DaySeries } from "./day-series.js";
import { dayOf, nextDay } from "./days.js";
import { RecentRows } from "./recent-rows.js";

/** A column of a log beside `partition`, `pos` and `recorded_at`. */
export interface LogColumn<In> {
  readonly name: string;
  readonly type: ArrayType;
  /** Its value in a row: of `jsonb` its text. */
  of(row: In): string | number | Date | null;
}

export interface LogStoreOptions<In, Row> {
  readonly table: string;
  readonly headTable: string;
  readonly partitions: readonly number[];
  readonly columns: readonly LogColumn<In>[];
  readonly clock?: Clock;
  /** The columns that `decode` is given; default all. */
  readonly reads?: string;
  decode(row: Record<string, unknown>): Row;
  /** What `decode` will make of a row that is appended. */
  row(placed: Placed<In>): Row;
  /** About how many bytes a row takes in memory. */
  bytes(row: Row): number;
  /** Whether several followers read it, about the same rows at about the same time; default no. */
  readonly isShared?: boolean;
}

/** Of each log so many bytes of rows are remembered that were appended here. */
const RECENT_BYTES = 16 * 1024 * 1024;
/** Where several read them it is so many, and half as many that were read: one that is forgotten is read and parsed by each. */
const SHARED_BYTES = 48 * 1024 * 1024;

interface Head {
  readonly partition: number;
  /** The position of the first row that is appended. */
  readonly first: number;
  readonly recorded_at: Date;
}

/** A row that is appended, where it goes. */
export interface Placed<In> {
  readonly partition: number;
  readonly pos: number;
  readonly recordedAt: Date;
  readonly row: In;
}

/** Positions, writing and reading of one log; the tables are those of `logTables`. */
export class LogStore<In, Row extends { readonly partition: number; readonly pos: number }> {
  readonly #options: LogStoreOptions<In, Row>;
  readonly #clock: Clock;
  readonly #wakes = new Set<(partition: number, rows: number) => void>();
  readonly #days: DaySeries;
  readonly #insert: string;
  readonly #appended: RecentRows<Row>;
  readonly #read: RecentRows<Row>;

  constructor(options: LogStoreOptions<In, Row>) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    const { table, columns, isShared = false } = options;
    this.#appended = new RecentRows(isShared ? SHARED_BYTES : RECENT_BYTES);
    this.#read = new RecentRows(isShared ? SHARED_BYTES / 2 : 0);
    this.#days = new DaySeries(table);
    const types = Object.fromEntries(columns.map(({ name, type }) => [name, type]));
    const { names, rows } = columnsOf({ partition: "int4", pos: "int8", recorded_at: "timestamptz", ...types });
    this.#insert = `INSERT INTO ${table} (${names}) ${rows}`;
  }

  /**
   * Appends in the caller's transaction, which holds the partitions' heads until it ends. Partitions are taken in ascending order; a caller that
   * appends more than once keeps to it too. Returns the position of the first row of each.
   */
  async append(tx: Transaction, batches: ReadonlyMap<number, readonly In[]>): Promise<Map<number, number>> {
    const heads = await this.#advance(tx, batches);
    const placed = heads.flatMap(({ partition, first, recorded_at: recordedAt }): Placed<In>[] =>
      (batches.get(partition) ?? []).map((row, index) => ({ partition, pos: first + index, recordedAt, row })),
    );
    tx.afterCommit(() => {
      this.#committed(placed, heads);
      for (const { partition } of heads) this.#wake(partition, batches.get(partition)?.length ?? 0);
    });
    if (placed.length > 0) {
      const begun = heads.filter(({ partition }) => (batches.get(partition)?.length ?? 0) > 0);
      for (const at of new Map(begun.map(({ recorded_at: at }) => [dayOf(at), at])).values())
        await this.#days.ensure(tx, at);
      await Promise.all([this.#noteDays(tx, begun), this.#insertRows(tx, placed)]);
    }
    return new Map(heads.map(({ partition, first }) => [partition, first]));
  }

  async #advance(tx: Transaction, batches: ReadonlyMap<number, readonly In[]>): Promise<Head[]> {
    const { headTable } = this.#options;
    // Never before the last row of the partition, so that days follow each other as positions do.
    const heads = await tx.query<Head>(
      `WITH n AS (SELECT * FROM unnest($1::int4[], $2::int8[]) AS n(partition, count)),
       held AS (SELECT h.partition FROM ${headTable} h JOIN n USING (partition) ORDER BY h.partition FOR UPDATE OF h)
       UPDATE ${headTable} h SET pos = h.pos + n.count, recorded_at = greatest(h.recorded_at, $3::timestamptz)
       FROM n JOIN held USING (partition) WHERE h.partition = n.partition
       RETURNING h.partition, h.pos - n.count + 1 AS first, h.recorded_at`,
      [[...batches.keys()], [...batches.values()].map(({ length }) => length), isoMs(this.#clock.wall())],
    );
    if (heads.length < batches.size) throw new RangeError(`${headTable} has not all of ${[...batches.keys()]}`);
    return heads.sort((a, b) => a.partition - b.partition);
  }

  /** Positions are found by day, so that a reader looks into one day's table and not into four hundred. */
  async #noteDays(tx: Transaction, heads: readonly Head[]): Promise<void> {
    await tx.query(
      `INSERT INTO ${this.#options.table}_day (partition, day, first_pos)
       SELECT * FROM unnest($1::int4[], $2::date[], $3::int8[]) ON CONFLICT DO NOTHING`,
      [
        heads.map(({ partition }) => partition),
        heads.map(({ recorded_at: at }) => dayOf(at)),
        heads.map(({ first }) => first),
      ],
    );
  }

  async #insertRows(tx: Transaction, placed: readonly Placed<In>[]): Promise<void> {
    await tx.query(this.#insert, [
      arrayOf("int4", placed, ({ partition }) => partition),
      arrayOf("int8", placed, ({ pos }) => pos),
      arrayOf("timestamptz", placed, ({ recordedAt }) => recordedAt),
      ...this.#options.columns.map(({ type, of }) =>
        arrayOf<ArrayType, Placed<In>>(type, placed, ({ row }) => of(row)),
      ),
    ]);
  }

  async read(sql: Sql, partition: number, afterPos: number, limit: number): Promise<Row[]> {
    const rows: Row[] = [];
    let after = afterPos;
    while (rows.length < limit) {
      const more = await this.readAll(sql, new Map([[partition, after]]), limit - rows.length, limit);
      if (more.length === 0) break;
      rows.push(...more);
      after = rows.at(-1)?.pos ?? after;
    }
    return rows;
  }

  /**
   * Of each partition rows of one day, after its own position; at most `limit`, and of each partition at most `share`. Those that are
   * remembered need not be asked for. Not for a transaction that has appended itself: what it reads is remembered as committed.
   */
  async readAll(sql: Sql, after: ReadonlyMap<number, number>, limit: number, share: number): Promise<Row[]> {
    const rows: Row[] = [];
    const unknown = new Map<number, number>();
    for (const [partition, pos] of after) {
      const most = Math.min(share, limit - rows.length);
      const recent = this.#appended.after(partition, pos, most) ?? this.#read.after(partition, pos, most);
      if (recent === undefined) unknown.set(partition, pos);
      else for (const row of recent) rows.push(row);
    }
    if (unknown.size > 0 && rows.length < limit)
      rows.push(...(await this.#stored(sql, unknown, share, limit - rows.length)));
    return rows;
  }

  async #stored(sql: Sql, after: ReadonlyMap<number, number>, share: number, limit: number): Promise<Row[]> {
    const { table, reads = "*" } = this.#options;
    const rows: Row[] = [];
    for (const [day, places] of await this.#daysAfter(sql, after)) {
      if (rows.length >= limit) break;
      const found = await sql.query(
        `SELECT t.* FROM unnest($1::int4[], $2::int8[]) AS n(partition, after)
         CROSS JOIN LATERAL (
           SELECT ${reads} FROM ${table} WHERE partition = n.partition AND pos > n.after AND recorded_at >= $3 AND recorded_at < $4
           ORDER BY pos LIMIT $5
         ) t ORDER BY t.partition, t.pos LIMIT $6`,
        [
          places.map(({ partition }) => partition),
          places.map(({ pos }) => pos),
          `${day}T00:00:00Z`,
          `${nextDay(day)}T00:00:00Z`,
          share,
          limit - rows.length,
        ],
      );
      for (const row of found) rows.push(this.#options.decode(row));
    }
    this.#remember(this.#read, rows);
    return rows;
  }

  #committed(placed: readonly Placed<In>[], heads: readonly Head[]): void {
    this.#remember(
      this.#appended,
      placed.map((each) => this.#options.row(each)),
    );
    // Of a database that went back, what was read is of another past.
    for (const { partition, first } of heads) this.#read.replacedFrom(partition, first);
  }

  /** @param rows of one partition after the other */
  #remember(recent: RecentRows<Row>, rows: readonly Row[]): void {
    for (let from = 0; from < rows.length; ) {
      const partition = rows[from]?.partition;
      let to = from;
      let bytes = 0;
      for (let row = rows[to]; row !== undefined && row.partition === partition; row = rows[++to])
        bytes += this.#options.bytes(row);
      recent.add(rows.slice(from, to), bytes);
      from = to;
    }
  }

  /** Partitions by the day that has their next row. */
  async #daysAfter(
    sql: Sql,
    after: ReadonlyMap<number, number>,
  ): Promise<Map<string, { partition: number; pos: number }[]>> {
    const { table } = this.#options;
    const found = await sql.query<{ partition: number; pos: number; day: string }>(
      `SELECT n.partition, n.pos, d.day FROM unnest($1::int4[], $2::int8[]) AS n(partition, pos)
       CROSS JOIN LATERAL (
         SELECT day FROM ${table}_day WHERE partition = n.partition
           AND first_pos >= coalesce((SELECT max(first_pos) FROM ${table}_day WHERE partition = n.partition AND first_pos <= n.pos + 1), 0)
         ORDER BY first_pos LIMIT 1
       ) d ORDER BY d.day`,
      [[...after.keys()], [...after.values()]],
    );
    const days = new Map<string, { partition: number; pos: number }[]>();
    for (const { day, ...place } of found) days.set(day, [...(days.get(day) ?? []), place]);
    return days;
  }

  async heads(sql: Sql): Promise<ReadonlyMap<number, number>> {
    const rows = await sql.query<{ partition: number; pos: number }>(
      `SELECT partition, pos FROM ${this.#options.headTable}`,
    );
    return new Map(rows.map(({ partition, pos }) => [partition, pos]));
  }

  onAppend(wake: (partition: number, rows: number) => void): () => void {
    this.#wakes.add(wake);
    return () => void this.#wakes.delete(wake);
  }

  #wake(partition: number, rows: number): void {
    for (const wake of this.#wakes) wake(partition, rows);
  }
}
