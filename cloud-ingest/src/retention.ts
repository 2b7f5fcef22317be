import type { CloudConfig, GatewayList } from "@storeward/contracts";
import { type Clock, type Logger, type Part, systemClock, type Timer } from "@storeward/runtime";
import { whyNeeded } from "./archive/index.js";
import type { Database, Sql } from "./database/index.js";
import { type DayTable, dayOf, daysOf, dropDay, makeDaysAhead } from "./journal/index.js";
import { writeCheckpoint } from "./rebuild/index.js";

export interface RetentionOptions {
  readonly db: Database;
  readonly log: Logger;
  readonly keep: CloudConfig["keep"];
  readonly clock?: Clock;
}

/** Logs, in tables by day of recording. */
const TABLES: readonly { readonly table: string; readonly days?: number }[] = [
  { table: "journal" },
  // Evidence is transport only: what it says stays with the sightings.
  { table: "evidence", days: 2 },
  { table: "stay_change" },
  { table: "telemetry_sample", days: 7 },
];

/** Any constant: it names this lock among the advisory locks of the database. */
const LOCK = 7_105_190_182;
const EVERY_MS = 600_000;
const DAYS_AHEAD = 2;
const DAY_MS = 86_400_000;

/**
 * Drops the oldest days when they are older than `keep.days`, or the database is larger than `keep.maxBytes`, and nobody needs them; makes coming days
 * ahead; writes a checkpoint at the edge of each day, once the state followers have passed it. Of several processes one does it at a time.
 */
export class Retention implements Part {
  readonly name = "retention";
  readonly #options: RetentionOptions;
  readonly #clock: Clock;
  readonly #followers = new Map<string, string[]>();
  #timer: Timer | undefined;
  #working: Promise<void> = Promise.resolve();

  constructor(options: RetentionOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
  }

  /** A day is not dropped before this follower has passed it. */
  register({ name, log }: { readonly name: string; readonly log: { readonly name: string } }): void {
    this.#followers.set(log.name, [...(this.#followers.get(log.name) ?? []), name]);
  }

  async start(): Promise<void> {
    await this.tick();
    this.#timer = this.#clock.every(EVERY_MS, () => {
      this.#working = this.tick();
    });
  }

  async stop(): Promise<void> {
    this.#timer?.stop();
    await this.#working;
  }

  async tick(): Promise<void> {
    const { db, log } = this.#options;
    try {
      await db.transaction(
        async (tx) => {
          const [lock] = await tx.query<{ free: boolean }>("SELECT pg_try_advisory_xact_lock($1) AS free", [LOCK]);
          if (lock?.free === true) await this.#work(this.#clock.wall());
        },
        { waits: true },
      );
    } catch (error) {
      log.warn({ err: error }, "Old days could not be dropped this time");
    }
  }

  async #work(now: number): Promise<void> {
    const { db, log, keep } = this.#options;
    for (const { table } of TABLES) await makeDaysAhead(db, table, new Date(now), DAYS_AHEAD);
    if (await writeCheckpoint(db, dayOf(new Date(now))))
      log.info({ edge: dayOf(new Date(now)) }, "A checkpoint has been written");
    for (const { table, days = keep.days } of TABLES)
      for (const day of await daysOf(db, table))
        if (day.to <= now - Math.min(days, keep.days) * DAY_MS) await this.#drop(day);
    await this.#shrink(now);
  }

  /** Oldest days first, until the database is small enough; today's stay. */
  async #shrink(now: number): Promise<void> {
    const { db, keep, log } = this.#options;
    const { maxBytes } = keep;
    if (maxBytes === undefined) return;
    const lists = await Promise.all(TABLES.map(({ table }) => daysOf(db, table)));
    const days = lists.flat().sort((a, b) => a.from - b.from);
    for (const day of days) {
      if ((await bytesOf(db)) <= maxBytes) return;
      if (day.to > now) break;
      await this.#drop(day);
    }
    const bytes = await bytesOf(db);
    if (bytes > maxBytes)
      log.warn(
        { bytes, maxBytes },
        "The database is larger than keep.maxBytes, and nothing older than today can be dropped",
      );
  }

  async #drop(day: DayTable): Promise<void> {
    const { db, log } = this.#options;
    const needed = await db.transaction(
      async (tx) => {
        const why = await whyNeeded(tx, day.table, day.day, this.#followers.get(day.table) ?? []);
        if (why.length === 0) await dropDay(tx, day);
        return why;
      },
      { long: true },
    );
    if (needed.length === 0) log.info({ table: day.table, day: day.day }, "A day has been dropped");
    else log.warn({ table: day.table, day: day.day, needed }, "A day is kept, for it is still needed");
  }
}

async function bytesOf(sql: Sql): Promise<number> {
  const [size] = await sql.query<{ bytes: number }>("SELECT pg_database_size(current_database()) AS bytes");
  return size?.bytes ?? 0;
}

/** What the database takes, and may take. */
export async function storageOf(sql: Sql, keep: CloudConfig["keep"]): Promise<GatewayList["storage"]> {
  const [[oldest], bytes] = await Promise.all([
    sql.query<{ day: string | null }>("SELECT min(day) AS day FROM journal_day"),
    bytesOf(sql),
  ]);
  const day = oldest?.day;
  return {
    bytes,
    maxBytes: keep.maxBytes ?? null,
    days: keep.days,
    oldest: day == null ? null : `${day}T00:00:00.000Z`,
  };
}
