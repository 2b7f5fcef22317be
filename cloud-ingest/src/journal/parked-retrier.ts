import { type Clock, describeError, type Logger, type Part, Recurring } from "@storeward/runtime";
import type { Database } from "../database/index.js";

interface Retrying {
  /** As in `follower_cursor`. */
  readonly follower: string;
  retryParked(): Promise<number>;
}

export interface ParkedRetrierOptions {
  readonly db: Database;
  readonly runners: readonly Retrying[];
  readonly log: Logger;
  readonly clock?: Clock;
}

const EVERY_MS = 2_000;

/** Tries rows again that were put aside, when somebody has asked for it. Several processes may: each row is taken once. */
export class ParkedRetrier implements Part {
  readonly name = "parked rows";
  readonly #options: ParkedRetrierOptions;
  readonly #recurring: Recurring;

  constructor(options: ParkedRetrierOptions) {
    this.#options = options;
    this.#recurring = new Recurring({
      everyMs: EVERY_MS,
      work: () => this.run(),
      failed: (error) =>
        this.#options.log.debug({ error: describeError(error) }, "Parked rows cannot be tried again now"),
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
    const { db, runners, log } = this.#options;
    const asked = await db.query<{ follower: string }>("SELECT DISTINCT follower FROM parked_row WHERE retry");
    for (const { follower } of asked) {
      const runner = runners.find((each) => each.follower === follower);
      const done = (await runner?.retryParked()) ?? 0;
      // What still fails says why now, and waits to be asked for again.
      await db.query("UPDATE parked_row SET retry = false WHERE follower = $1", [follower]);
      log.info({ follower, done }, "Rows that were put aside have been tried again");
    }
  }
}
