import { describeError } from "@storeward/runtime";
import { type Database, isTransient, type Sql, type Transaction } from "../database/index.js";
import type { Follower, LogRow } from "./types.js";

const MAX_ERROR = 500;

export function describeFailure(error: unknown): string {
  return describeError(error).slice(0, MAX_ERROR);
}

/** The rows of one follower that were put aside. */
export class Parked {
  readonly #follower: string;

  constructor(follower: string) {
    this.#follower = follower;
  }

  async add<Row extends LogRow<unknown>>(
    tx: Sql,
    follower: Follower<Row>,
    rows: readonly Row[],
    error: string,
  ): Promise<void> {
    await tx.query(
      `INSERT INTO parked_row (follower, partition, pos, key, error)
       SELECT $1, p, n, k, $5 FROM unnest($2::int4[], $3::int8[], $4::text[]) AS r(p, n, k) ON CONFLICT DO NOTHING`,
      [
        this.#follower,
        rows.map((row) => row.partition),
        rows.map((row) => row.pos),
        rows.map((row) => follower.keyOf?.(row) ?? null),
        error,
      ],
    );
  }

  /** The rows without those about a thing of which an earlier row is parked; these are parked too. */
  async without<Row extends LogRow<unknown>>(tx: Sql, follower: Follower<Row>, rows: Row[]): Promise<Row[]> {
    const { keyOf } = follower;
    if (keyOf === undefined) return rows;
    const parked = await tx.query<{ key: string }>(
      "SELECT DISTINCT key FROM parked_row WHERE follower = $1 AND key IS NOT NULL",
      [this.#follower],
    );
    if (parked.length === 0) return rows;
    const keys = new Set(parked.map(({ key }) => key));
    const isParked = (row: Row) => keys.has(keyOf.call(follower, row) ?? "");
    const after = rows.filter(isParked);
    if (after.length > 0) await this.add(tx, follower, after, "after a row that was put aside");
    return rows.filter((row) => !isParked(row));
  }

  /** Tries them again in their order, also those that are put aside behind them meanwhile. How many are done. */
  async retry<Row extends LogRow<unknown>>(db: Database, follower: Follower<Row>): Promise<number> {
    const tried = new Set<string>();
    const stuck = new Set<string>();
    let done = 0;
    for (let before = -1; before < done; ) {
      before = done;
      for (const { partition, pos, key } of await this.#list(db)) {
        const place = `${partition} ${pos}`;
        if (tried.has(place) || (key !== null && stuck.has(key))) continue;
        tried.add(place);
        if (await this.#isDone(db, follower, partition, pos)) done++;
        else if (key !== null) stuck.add(key);
      }
    }
    return done;
  }

  #list(sql: Sql): Promise<{ partition: number; pos: number; key: string | null }[]> {
    return sql.query("SELECT partition, pos, key FROM parked_row WHERE follower = $1 ORDER BY partition, pos", [
      this.#follower,
    ]);
  }

  /** Handles one row, or says beside it why it still cannot be. */
  async #isDone<Row extends LogRow<unknown>>(
    db: Database,
    follower: Follower<Row>,
    partition: number,
    pos: number,
  ): Promise<boolean> {
    try {
      await db.transaction((tx) => this.#again(tx, follower, partition, pos));
      return true;
    } catch (error) {
      if (isTransient(error)) throw error;
      await db.query("UPDATE parked_row SET error = $4 WHERE follower = $1 AND partition = $2 AND pos = $3", [
        this.#follower,
        partition,
        pos,
        describeFailure(error),
      ]);
      return false;
    }
  }

  async #again<Row extends LogRow<unknown>>(
    tx: Transaction,
    follower: Follower<Row>,
    partition: number,
    pos: number,
  ): Promise<void> {
    const taken = await tx.query(
      "DELETE FROM parked_row WHERE follower = $1 AND partition = $2 AND pos = $3 RETURNING pos",
      [this.#follower, partition, pos],
    );
    if (taken.length === 0) return;
    const [row] = await follower.log.read(tx, partition, pos - 1, 1);
    if (row?.pos === pos) await follower.handle(tx, [row]);
  }
}

/** Rows of one follower that were put aside for one reason. */
export interface ParkedGroup {
  readonly follower: string;
  readonly error: string;
  readonly count: number;
  readonly first: Date;
  readonly last: Date;
  /** They are about to be tried again. */
  readonly retry: boolean;
}

/** The most first; at most a hundred reasons. */
export function parkedGroups(sql: Sql): Promise<ParkedGroup[]> {
  return sql.query<ParkedGroup>(
    `SELECT follower, error, count(*) AS count, min(parked_at) AS first, max(parked_at) AS last, bool_or(retry) AS retry FROM parked_row
     GROUP BY follower, error ORDER BY count(*) DESC, follower, error LIMIT 100`,
  );
}

/** Asks for parked rows to be tried again, of one follower or of all: the service does it within seconds, or when it starts. */
export async function askRetry(sql: Sql, follower?: string): Promise<number> {
  const asked = await sql.query(
    "UPDATE parked_row SET retry = true WHERE $1::text IS NULL OR follower = $1 RETURNING pos",
    [follower ?? null],
  );
  return asked.length;
}

/**
 * Gives up what a follower has put aside: it will never do it, and the days of those rows are no longer kept for it. Rows that are being tried again at this
 * moment are waited for.
 */
export async function giveUp(sql: Sql, follower: string): Promise<number> {
  return (await sql.query("DELETE FROM parked_row WHERE follower = $1 RETURNING pos", [follower])).length;
}
