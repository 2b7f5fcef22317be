import {
  type Clock,
  crashPoint,
  delays,
  describeError,
  type Logger,
  type Part,
  RECONNECT,
  systemClock,
} from "@storeward/runtime";
import type { Database, Transaction } from "../database/index.js";
import { cleaned, dirtyBuckets, stillDirty } from "./dirty.js";
import { horizons } from "./horizons.js";
import { measure, type PlaceCodes } from "./measure.js";
import { boundMarks, fill, lockTarget } from "./targets.js";
import type { Bucket, NamedSeries } from "./types.js";

export interface SeriesWriterDeps {
  readonly db: Database;
  readonly target: NamedSeries;
  readonly places: PlaceCodes;
  readonly log: Logger;
  readonly clock?: Clock;
  /** Buckets that may wait for it; beyond, it is filled anew. */
  readonly mostWaiting?: number;
  /** Whether others are so far behind that what would be written now is soon written again; default never. */
  readonly busy?: () => boolean;
}

/** The minute that is now is written again and again, ever more of it: so long after all of it was written. */
const EVERY_MS = 2000;
/** Others have so many times as long after each piece. */
const REST = 4;
const MOST_REST_MS = 10_000;
/** A piece takes about so long: what is followed meanwhile is not to wait for a minute of a thousand gateways. */
const PIECE_MS = 150;
/** So long it lets others catch up first. */
const PATIENCE_MS = 10_000;
const LOOK_MS = 250;
/** Buckets that are looked for at a time. */
const AT_A_LOOK = 40;
const MOST_WAITING = 500_000;
const FOREVER = new Date(8.64e15);

/**
 * Rewrites the buckets that have changed at one place for time series, each as a whole: doing it twice changes nothing. While it works on
 * some it holds the place, so that of several processes none writes what is older over what another has just written. A place that does not
 * answer is asked again ever less often; what changes meanwhile stays marked.
 */
export class SeriesWriter implements Part {
  readonly name: string;
  readonly #deps: SeriesWriterDeps;
  readonly #clock: Clock;
  readonly #delay = delays(RECONNECT);
  #stopping = new AbortController();
  #running: Promise<void> = Promise.resolve();
  #prepared = false;
  /** Whether the place is new and is given what there was before it: years of it, without rests. */
  #filling = false;
  /** What was found to be written, the newest first. Marks come faster than minutes are written: what comes meanwhile is found by the next look. */
  #found: readonly Bucket[] = [];
  /** Whether there were more than were looked for. */
  #areMore = false;
  /** So many buckets are a piece. */
  #piece = 1;
  #failing: { readonly since: number; readonly error: string } | undefined;

  constructor(deps: SeriesWriterDeps) {
    this.name = `series-writer ${deps.target.name}`;
    this.#deps = deps;
    this.#clock = deps.clock ?? systemClock;
  }

  /** Since when (ms since 1970) the place cannot be written, and why. */
  get failing(): { readonly since: number; readonly error: string } | undefined {
    return this.#failing;
  }

  async start(): Promise<void> {
    this.#stopping = new AbortController();
    this.#running = this.#loop(this.#stopping.signal);
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  /** Everything that is to be written now; throws when the place or the database does not take it. */
  async run(): Promise<void> {
    while (!this.#stopping.signal.aborted && (await this.#some()));
  }

  async #loop(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      let wait: number;
      if (this.#found.length === 0) await this.#others(signal);
      if (signal.aborted) return;
      const begun = this.#clock.mono();
      try {
        const more = await this.#some();
        const rest = this.#filling ? 0 : Math.min(MOST_REST_MS, REST * (this.#clock.mono() - begun));
        const isAll = !more || (this.#found.length === 0 && !this.#areMore && !this.#filling);
        wait = isAll ? Math.max(EVERY_MS, rest) : rest;
        this.#succeeded();
      } catch (error) {
        wait = this.#delay();
        await this.#failed(error);
      }
      await this.#clock.sleep(wait, signal).catch(() => undefined);
    }
  }

  /** For a while others go first: until they have caught up they mark the same minutes again. */
  async #others(signal: AbortSignal): Promise<void> {
    const { busy = () => false } = this.#deps;
    const until = this.#clock.mono() + PATIENCE_MS;
    while (busy() && !signal.aborted && this.#clock.mono() < until)
      await this.#clock.sleep(LOOK_MS, signal).catch(() => undefined);
  }

  /** A piece of what is marked; false when there is nothing, or another process is at it. */
  async #some(): Promise<boolean> {
    const { db, target } = this.#deps;
    const { name, series } = target;
    if (!this.#prepared) await series.prepare();
    this.#prepared = true;
    return db.transaction(
      async (tx) => {
        const held = await lockTarget(tx, name);
        if (held === undefined) return false;
        this.#filling = held.filledFrom !== null;
        if (this.#found.length === 0) {
          this.#found = await dirtyBuckets(tx, name, AT_A_LOOK);
          this.#areMore = this.#found.length === AT_A_LOOK;
        }
        if (this.#found.length === 0) return held.filledFrom !== null && (await fill(tx, name, held.filledFrom));
        await this.#write(tx, this.#found.slice(0, this.#piece));
        return true;
      },
      { waits: true },
    );
  }

  /** Others may have written some of them, or marked them again, since they were found. */
  async #write(tx: Transaction, found: readonly Bucket[]): Promise<void> {
    const { target, places } = this.#deps;
    const begun = this.#clock.mono();
    const dirty = await stillDirty(tx, target.name, found);
    const since = await horizons(tx);
    const known = dirty.filter(({ measurement, at }) => at >= (since.get(measurement) ?? FOREVER));
    await target.series.replace(await measure(tx, places, known));
    crashPoint("after-series-write");
    await cleaned(tx, target.name, dirty);
    this.#found = this.#found.slice(found.length);
    const took = this.#clock.mono() - begun;
    // What comes next may be far more than this was: it grows slowly.
    const fitting = Math.round((found.length * PIECE_MS) / Math.max(1, took));
    this.#piece = Math.min(AT_A_LOOK, 2 * found.length, Math.max(1, fitting));
  }

  #succeeded(): void {
    if (this.#failing !== undefined)
      this.#deps.log.info({ target: this.#deps.target.name }, "Time series are written again");
    this.#failing = undefined;
    this.#delay.reset();
  }

  async #failed(error: unknown): Promise<void> {
    const { db, target, log, mostWaiting = MOST_WAITING } = this.#deps;
    this.#prepared = false;
    this.#found = [];
    const text = describeError(error);
    if (this.#failing?.error !== text)
      log.warn(
        { target: target.name, error: text },
        "Time series cannot be written now; what changes is kept for later",
      );
    this.#failing = { since: this.#failing?.since ?? this.#clock.wall(), error: text };
    try {
      if (await boundMarks(db, target.name, mostWaiting, this.#clock.wall()))
        log.warn(
          { target: target.name },
          "Time series have waited for so long that they will be written anew as a whole",
        );
    } catch {
      // The database is what does not answer.
    }
  }
}
