import { type Clock, describeError, type Logger, type Part, Recurring } from "@storeward/runtime";
import type { Database, Sql } from "../database/index.js";

export interface ForgetterOptions {
  readonly db: Database;
  readonly log: Logger;
  readonly clock?: Clock;
}

const EVERY_MS = 600_000;
/** Rows a statement: short locks, and followers in between. */
const AT_ONCE = 5000;

/**
 * Forgets what the journal has forgotten: sightings and stays from before its first day. Where things are now stays, however long ago
 * that was observed. Several processes may run it.
 */
export class Forgetter implements Part {
  readonly name = "forgetter";
  readonly #options: ForgetterOptions;
  readonly #recurring: Recurring;

  constructor(options: ForgetterOptions) {
    this.#options = options;
    this.#recurring = new Recurring({
      everyMs: EVERY_MS,
      work: () => this.run(),
      failed: (error) =>
        this.#options.log.warn({ error: describeError(error) }, "Old sightings could not be removed this time"),
      clock: options.clock,
    });
  }

  async start(): Promise<void> {
    this.#recurring.start();
  }

  async stop(): Promise<void> {
    await this.#recurring.stop();
  }

  async run(): Promise<void> {
    const { db } = this.#options;
    const [first] = await db.query<{ day: string | null }>("SELECT min(day) AS day FROM journal_day");
    if (first?.day == null) return;
    const before = `${first.day}T00:00:00Z`;
    await db.query("UPDATE location_horizon SET at = greatest(at, $1)", [before]);
    await this.#delete("tag_sighting", "at < $1", before);
    await this.#delete("item_stay", "(to_at < $1 OR withdrawn AND from_at < $1) AND NOT pending", before);
    // Only the release before writes it: what an agent said last of a tag is found by its sightings.
    await this.#delete("shelf_word", "at < $1", before);
    await this.#delete("inventory_part", "recorded_at < $1", before);
  }

  async #delete(table: string, where: string, before: string): Promise<void> {
    for (let gone = AT_ONCE; gone === AT_ONCE && !this.#recurring.isStopped; ) {
      const rows = await this.#options.db.query(
        // What another process is removing is passed over.
        `DELETE FROM ${table} WHERE ctid = ANY (
           ARRAY (SELECT ctid FROM ${table} WHERE ${where} LIMIT ${AT_ONCE} FOR UPDATE SKIP LOCKED)
         ) RETURNING 1`,
        [before],
      );
      gone = rows.length;
    }
  }
}

/** Nothing from before is kept, ms since 1970. */
export async function horizonOf(sql: Sql): Promise<number> {
  const [row] = await sql.query<{ ms: number }>(
    "SELECT CASE WHEN at = '-infinity' THEN 0 ELSE extract(epoch FROM at) * 1000 END::float8 AS ms FROM location_horizon",
  );
  return row?.ms ?? 0;
}
