import { BUCKET_MS } from "@storeward/contracts";
import { type Clock, describeError, isoMs, type Logger, type Part, Recurring, systemClock } from "@storeward/runtime";
import type { Database, Transaction } from "../database/index.js";
import { bucketOf, markDirty, markLevels } from "./dirty.js";
import { TagBook } from "./tags.js";
import type { KindTroubles, PlaceCounts, TroubleCounts, UnknownCounts } from "./types.js";

export interface SamplerDeps {
  readonly db: Database;
  readonly unknown: UnknownCounts;
  readonly troubles: TroubleCounts;
  /** Days that anything here is kept. */
  readonly keepDays: number;
  readonly log: Logger;
  readonly clock?: Clock;
}

const LOOK_MS = 5000;
/** Others have so many times as long after each piece of what is counted. */
const REST = 4;
const MOST_REST_MS = 1000;
const DAY_MS = 86_400_000;
/** What was looked at only once is kept as long as telemetry is. */
const SAMPLE_DAYS = 7;
/** Levels are a point a minute whether or not anything changes: in the database itself they are kept for so long. */
const LEVEL_DAYS = 30;

/**
 * Once a minute, in one process of all: looks at what can only be looked at now, and asks for the levels of each minute that is over, also of
 * those in which no process ran.
 */
export class SeriesSampler implements Part {
  readonly name = "series-sampler";
  readonly #deps: SamplerDeps;
  readonly #clock: Clock;
  readonly #recurring: Recurring;
  readonly #kinds = new TagBook("kind");
  #pruned = 0;

  constructor(deps: SamplerDeps) {
    this.#deps = deps;
    this.#clock = deps.clock ?? systemClock;
    this.#recurring = new Recurring({
      everyMs: LOOK_MS,
      work: () => this.run(),
      failed: (error) => this.#deps.log.debug({ error: describeError(error) }, "nothing can be sampled now"),
      clock: this.#clock,
    });
  }

  async start(): Promise<void> {
    this.#recurring.start();
  }

  async stop(): Promise<void> {
    await this.#recurring.stop();
  }

  /** The last minute that is over, if nobody has done it yet. */
  async run(): Promise<void> {
    const { db } = this.#deps;
    const minute = new Date(bucketOf(this.#clock.wall()).getTime() - BUCKET_MS);
    const done = await db.query("SELECT FROM series_sampled WHERE at >= $1", [isoMs(minute.getTime())]);
    if (done.length === 0) await this.#sample(minute);
    if (minute.getTime() - this.#pruned < DAY_MS / 24) return;
    await this.#prune(minute.getTime());
    this.#pruned = minute.getTime();
  }

  async #sample(minute: Date): Promise<void> {
    const { db, unknown, troubles } = this.#deps;
    const rest = (tookMs: number) => this.#recurring.rest(Math.min(MOST_REST_MS, REST * tookMs));
    const places = await unknown.countByPlace(db, rest);
    const kinds = await troubles.countByKind(db);
    await db.transaction(async (tx) => {
      const [last] = await tx.query<{ ran: boolean; next: Date }>(
        `UPDATE series_sampled s SET at = $1 FROM (SELECT at FROM series_sampled FOR UPDATE SKIP LOCKED) was
         WHERE was.at < $1 RETURNING isfinite(was.at) AS ran, was.at + interval '1 minute' AS next`,
        [isoMs(minute.getTime())],
      );
      // Another process has been quicker, or is at it: should it fail, the next look finds the minute undone.
      if (last === undefined) return;
      await keepUnknown(tx, minute, places);
      await this.#keepTroubles(tx, minute, kinds);
      await markLevels(tx, [{ from: last.ran ? last.next : minute, to: minute }]);
      await markDirty(tx, { unknown_items: [minute], troubles: [minute] });
    });
  }

  async #keepTroubles(tx: Transaction, minute: Date, counts: readonly KindTroubles[]): Promise<void> {
    const tags = await this.#kinds.tags(
      tx,
      counts.map(({ kind }) => kind),
    );
    await tx.query(
      `INSERT INTO series_trouble (at, kind, items, wrong_place, missing)
       SELECT $1, n.kind, sum(n.items), sum(n.wrong_place), sum(n.missing)
       FROM unnest($2::text[], $3::int8[], $4::int8[], $5::int8[]) AS n(kind, items, wrong_place, missing) GROUP BY n.kind
       ON CONFLICT DO NOTHING`,
      [
        isoMs(minute.getTime()),
        counts.map(({ kind }) => tags.get(kind) ?? kind),
        counts.map(({ items }) => items),
        counts.map(({ wrongPlace }) => wrongPlace),
        counts.map(({ missing }) => missing),
      ],
    );
  }

  async #prune(now: number): Promise<void> {
    const { db, keepDays } = this.#deps;
    const before = (days: number) => [isoMs(now - Math.min(days, keepDays) * DAY_MS)];
    // Where less is kept from now on, there may be much.
    const remove = (sql: string, values: string[]) => db.transaction((tx) => tx.query(sql, values), { long: true });
    for (const table of ["series_sample", "series_trouble"])
      await remove(`DELETE FROM ${table} WHERE at < $1`, before(SAMPLE_DAYS));
    await remove(
      "DELETE FROM series_point WHERE at < $1 AND measurement IN ('occupancy', 'utilisation', 'unknown_items', 'troubles', 'antenna', 'gateway')",
      before(LEVEL_DAYS),
    );
    for (const table of [
      "series_point",
      "series_passage",
      "series_detection",
      "series_redated",
      "series_delta",
      "series_dirty",
    ])
      await remove(`DELETE FROM ${table} WHERE at < $1`, before(keepDays));
    await remove("DELETE FROM series_stay WHERE to_at < $1", before(keepDays));
  }
}

async function keepUnknown(tx: Transaction, minute: Date, counts: PlaceCounts): Promise<void> {
  const unknown = [...counts].filter(([, count]) => count.unknown > 0);
  await tx.query(
    `INSERT INTO series_sample (at, measurement, place, fields)
     SELECT $1, 'unknown_items', n.place, jsonb_build_object('items', n.items) FROM unnest($2::uuid[], $3::int8[]) AS n(place, items)
     ON CONFLICT DO NOTHING`,
    [isoMs(minute.getTime()), unknown.map(([place]) => place), unknown.map(([, count]) => count.unknown)],
  );
}
