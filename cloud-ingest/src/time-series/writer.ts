import {
  type Clock,
  crashPoint,
  describeError,
  type Logger,
  type Part,
  systemClock,
  type Timer,
} from "@storeward/runtime";
import type { Database } from "../database/index.js";
import { cleaned, dirtyBuckets } from "./dirty.js";
import { recompute } from "./recompute.js";
import type { TimeSeries } from "./types.js";

export interface SeriesWriterDeps {
  readonly db: Database;
  readonly series: TimeSeries;
  readonly log: Logger;
  readonly clock?: Clock;
}

const EVERY_MS = 2000;
const AT_ONCE = 200;

/** Rewrites the buckets that have changed, each as a whole: doing it twice, or in two processes, changes nothing. */
export class SeriesWriter implements Part {
  readonly name = "series-writer";
  readonly #deps: SeriesWriterDeps;
  #timer: Timer | undefined;
  #running: Promise<void> | undefined;
  #stopping = false;

  constructor(deps: SeriesWriterDeps) {
    this.#deps = deps;
  }

  async start(): Promise<void> {
    this.#stopping = false;
    this.#timer = (this.#deps.clock ?? systemClock).every(EVERY_MS, () => void this.#tick());
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    this.#timer?.stop();
    await this.#running;
  }

  /** Everything that is dirty now. */
  async run(): Promise<void> {
    const { db, series } = this.#deps;
    while (!this.#stopping) {
      const dirty = await dirtyBuckets(db, AT_ONCE);
      if (dirty.length === 0) return;
      await series.replace(await recompute(db, dirty));
      crashPoint("after-series-write");
      await cleaned(db, dirty);
      if (dirty.length < AT_ONCE) return;
    }
  }

  #tick(): Promise<void> {
    this.#running ??= this.run()
      .catch((error: unknown) =>
        this.#deps.log.debug({ error: describeError(error) }, "time series cannot be written now"),
      )
      .finally(() => {
        this.#running = undefined;
      });
    return this.#running;
  }
}
