import { type Clock, type Logger, type Part, systemClock, type Timer } from "@storeward/runtime";
import type { Database, Sql } from "../database/index.js";

const HOUR_MS = 3_600_000;
const KEPT_MS = 72 * HOUR_MS;
const MARK_EVERY_MS = HOUR_MS / 6;
const LOOK_EVERY_MS = 60_000;

export interface ReleaseOptions {
  readonly db: Database;
  readonly log: Logger;
  /** When agents may delete what is committed: 72 hours later, or once a backup holds it. */
  readonly after: "72h" | "backup";
  readonly clock?: Clock;
}

/** Moves `released` on, behind `committed`. */
export class Release implements Part {
  readonly name = "release";
  readonly #options: ReleaseOptions;
  readonly #clock: Clock;
  #timer: Timer | undefined;
  #working: Promise<void> = Promise.resolve();

  constructor(options: ReleaseOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
  }

  async start(): Promise<void> {
    await this.tick();
    this.#timer = this.#clock.every(LOOK_EVERY_MS, () => {
      this.#working = this.tick();
    });
  }

  async stop(): Promise<void> {
    this.#timer?.stop();
    await this.#working;
  }

  /** Looks once. A database that is away is looked at again later. */
  async tick(): Promise<void> {
    const { db, log, after } = this.#options;
    try {
      if (after === "backup") await releaseBackedUp(db);
      else await releaseOld(db, this.#clock.wall());
    } catch (error) {
      log.debug({ err: error }, "Rows were not released this time");
    }
  }
}

async function releaseBackedUp(sql: Sql): Promise<void> {
  await sql.query("UPDATE intake_cursor SET released = backed_up WHERE released < backed_up");
}

async function releaseOld(db: Database, now: number): Promise<void> {
  await db.transaction(async (tx) => {
    await tx.query(
      `INSERT INTO intake_mark (agent, epoch, at, seq)
       SELECT agent, epoch, $1, committed FROM intake_cursor c
       WHERE NOT EXISTS (SELECT FROM intake_mark m WHERE m.agent = c.agent AND m.epoch = c.epoch AND (m.at > $2 OR m.seq = c.committed))
       ON CONFLICT DO NOTHING`,
      [new Date(now), new Date(now - MARK_EVERY_MS)],
    );
    await tx.query(
      `WITH old AS (
         DELETE FROM intake_mark WHERE at <= $1 RETURNING agent, epoch, seq
       ), most AS (SELECT agent, epoch, max(seq) AS seq FROM old GROUP BY agent, epoch)
       UPDATE intake_cursor c SET released = most.seq FROM most
       WHERE c.agent = most.agent AND c.epoch = most.epoch AND c.released < most.seq`,
      [new Date(now - KEPT_MS)],
    );
  });
}
