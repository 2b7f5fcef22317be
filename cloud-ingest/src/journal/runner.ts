import {
  type Clock,
  crashPoint,
  delays,
  type Logger,
  type Part,
  type RetrySchedule,
  systemClock,
} from "@storeward/runtime";
import { type Database, isTransient, type Transaction, tookTooLong } from "../database/index.js";
import { Cursors } from "./cursors.js";
import type { GiveWay } from "./give-way.js";
import { describeFailure, Parked } from "./parked.js";
import type { Follower, LogRow } from "./types.js";
import { Waiting } from "./waiting.js";

const BATCH_ROWS = 2000;
/** Fewer rows are not worth a transaction of their own. */
const FEW_ROWS = 250;
const POLL_MS = 1000;
const LOOK_MS = 25;
const MOST_AHEAD_MS = 1000;
/** How often a row may fail before it is put aside. */
const MAX_FAILURES = 3;
const RETRY: RetrySchedule = { firstMs: 50, factor: 2, maxMs: 2000, jitter: 0.2 };

export interface FollowerRunnerOptions {
  readonly log: Logger;
  readonly clock?: Clock;
  /** Rows handled in one transaction; default 2000. */
  readonly batchSize?: number;
  /** The same while twice as many wait: what is done once for each thing is done less often then; default the same. */
  readonly backlogSize?: number;
  /** Transactions at once, of different partitions: while the database works for one, the work of another is done here; default 1. */
  readonly lanes?: number;
  /** How often to look for rows that other processes appended; default 1000. */
  readonly pollMs?: number;
  /** From the beginning of one round to that of the next while it keeps up, so that what comes meanwhile is one round; default 0. */
  readonly gatherMs?: number;
  /** Whether this process runs the follower in this partition; default all. Two that both do share the work, and do it once. */
  readonly runs?: (partition: number) => boolean;
  /** Whether others that read the same rows are so far behind that it waits for them, a second at most before each round; default never. */
  readonly isAhead?: () => boolean;
  /** What it gives way to; default nothing. */
  readonly way?: GiveWay;
}

/** A partition in which the follower's work has failed: ever fewer rows at a time, until the one that cannot be handled stands alone. */
interface Trouble {
  limit: number;
  failures: number;
}

/**
 * Runs one follower over all partitions of its log. Each batch is one transaction that locks the cursors of the partitions that are behind, reads
 * what comes after them, does the follower's work and moves the cursors by compare-and-set: several processes may run the same follower. An error
 * of the database is waited out; an error of the work is tried again by partition, narrowed down to the row, and that row put aside (`parked_row`).
 */
export class FollowerRunner<Row extends LogRow<unknown>> implements Part {
  readonly name: string;
  readonly #db: Database;
  readonly #follower: Follower<Row>;
  readonly #options: FollowerRunnerOptions;
  readonly #clock: Clock;
  readonly #runs: (partition: number) => boolean;
  readonly #cursors: Cursors;
  readonly #parked: Parked;
  readonly #trouble = new Map<number, Trouble>();
  readonly #delay = delays(RETRY);
  #stopping = new AbortController();
  #running: Promise<unknown> = Promise.resolve();
  /** Wakes each lane that sleeps. */
  readonly #wakes = new Map<number, () => void>();
  #unsubscribe: () => void = () => undefined;
  readonly #waiting = new Waiting();
  #handledAt = Number.NEGATIVE_INFINITY;
  /** Whether the last round has found all there was, and anything. */
  #keptUp = false;
  #heads: ReadonlyMap<number, number> = new Map();
  #nextLook = Number.NEGATIVE_INFINITY;

  constructor(db: Database, follower: Follower<Row>, options: FollowerRunnerOptions) {
    this.#db = db;
    this.#follower = follower;
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#runs = options.runs ?? (() => true);
    this.name = `follower ${follower.name}`;
    this.#cursors = new Cursors(follower.name);
    this.#parked = new Parked(follower.name);
  }

  async start(): Promise<void> {
    this.#stopping = new AbortController();
    await this.#cursors.create(this.#db, this.#follower.log.partitions);
    this.#nextLook = Number.NEGATIVE_INFINITY;
    this.#unsubscribe = this.#follower.log.onAppend((partition, rows) => {
      this.#waiting.came(partition, rows);
      this.#wake();
    });
    const { lanes = 1 } = this.#options;
    const { signal } = this.#stopping;
    this.#running = Promise.all(Array.from({ length: lanes }, (_, lane) => this.#run(lane, signal)));
  }

  /** Waits for the batch that is being handled. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#unsubscribe();
    this.#wake();
    await this.#running;
  }

  get follower(): string {
    return this.#follower.name;
  }

  /** The name of its log. */
  get log(): string {
    return this.#follower.log.name;
  }

  /** Rows of the log not yet handled by any process, as of the last look and by what was appended and handled here since. */
  lag(): number {
    return this.#waiting.total;
  }

  /** The same of the partitions that this process runs: what another works on is not to be waited for here. */
  waiting(): number {
    return this.#follower.log.partitions.filter(this.#runs).reduce((sum, each) => sum + this.#waiting.in(each), 0);
  }

  /** When it has last handled rows, by the clock's `mono`; -∞: never. */
  handledAt(): number {
    return this.#handledAt;
  }

  /** Handles rows that were put aside, in their order; those about a thing whose earlier row still fails stay. Returns how many are done. */
  async retryParked(): Promise<number> {
    return this.#parked.retry(this.#db, this.#follower);
  }

  #wake(): void {
    for (const wake of this.#wakes.values()) wake();
  }

  async #run(lane: number, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      let woken = false;
      let wake = (): void => undefined;
      const idle = new Promise<void>((resolve) => {
        wake = () => {
          woken = true;
          resolve();
        };
      });
      this.#wakes.set(lane, wake);
      await this.#others(signal);
      const { gatherMs = 0 } = this.#options;
      const next = this.#clock.mono() + gatherMs;
      try {
        const round = (): Promise<boolean> => this.#round(signal);
        const more = await (this.#options.way?.turn(round) ?? round());
        this.#delay.reset();
        if (gatherMs > 0 && this.#keptUp)
          await this.#clock.sleep(next - this.#clock.mono(), signal).catch(() => undefined);
        if (more || woken || signal.aborted) continue;
        const timer = this.#clock.after(Math.max(0, this.#nextLook - this.#clock.mono()), wake);
        await idle;
        timer.stop();
      } catch (error) {
        if (signal.aborted) return;
        const wait = this.#delay();
        this.#options.log.debug(
          { err: error, follower: this.#follower.name },
          "The database is not there; trying again",
        );
        await this.#clock.sleep(wait, signal).catch(() => undefined);
      }
    }
  }

  async #others(signal: AbortSignal): Promise<void> {
    const { isAhead = () => false } = this.#options;
    const until = this.#clock.mono() + MOST_AHEAD_MS;
    while (isAhead() && !signal.aborted && this.#clock.mono() < until)
      await this.#clock.sleep(LOOK_MS, signal).catch(() => undefined);
  }

  /** One batch of every partition that may be behind; true when there may be more. */
  async #round(signal: AbortSignal): Promise<boolean> {
    const isTime = this.#clock.mono() >= this.#nextLook;
    if (isTime) this.#nextLook = this.#clock.mono() + (this.#options.pollMs ?? POLL_MS);
    if (!this.#follower.log.partitions.some(this.#runs)) {
      this.#waiting.found(new Map());
      return false;
    }
    if (isTime) await this.#look();
    if (signal.aborted) return false;
    const { batchSize = BATCH_ROWS, backlogSize = batchSize, lanes = 1 } = this.#options;
    const { total } = this.#waiting;
    const limit = total >= 2 * backlogSize ? backlogSize : batchSize;
    const part = lanes === 1 ? limit : Math.min(limit, Math.max(FEW_ROWS, total / lanes));
    // What is appended from here on wakes them again.
    const ours = this.#waiting.take(part, this.#runs);
    this.#keptUp = false;
    try {
      await this.#calm(
        ours.filter((partition) => !this.#trouble.has(partition)),
        limit,
      );
      await this.#oneByOne(
        ours.filter((partition) => this.#trouble.has(partition)),
        limit,
      );
    } catch (error) {
      for (const partition of ours) this.#waiting.wake(partition);
      throw error;
    } finally {
      this.#waiting.giveBack(ours);
    }
    return !this.#waiting.isEmpty;
  }

  /** Finds what other processes have appended, and what was here before us. */
  async #look(): Promise<void> {
    this.#heads = await this.#follower.log.heads(this.#db);
    const cursors = await this.#cursors.all(this.#db);
    const behind = [...this.#heads].map(
      ([partition, head]) => [partition, head - (cursors.get(partition) ?? 0)] as const,
    );
    this.#waiting.found(new Map(behind));
  }

  /** Partitions are worked on together; where that fails, one after the other. */
  async #calm(partitions: readonly number[], limit: number): Promise<void> {
    if (partitions.length < 2) return this.#oneByOne(partitions, limit);
    try {
      await this.#batch(partitions, limit);
    } catch (error) {
      if (isTransient(error) && !tookTooLong(error)) throw error;
      await this.#oneByOne(partitions, limit);
    }
  }

  /** What takes too long in one of them does not keep the others waiting. */
  async #oneByOne(partitions: readonly number[], limit: number): Promise<void> {
    let late: unknown;
    for (const partition of partitions) {
      if (this.#stopping.signal.aborted) break;
      try {
        await this.#alone(partition, limit);
      } catch (error) {
        if (!tookTooLong(error)) throw error;
        late = error;
      }
    }
    if (late !== undefined) throw late;
  }

  /** Rows are handled, or put aside. */
  async #alone(partition: number, limit: number): Promise<void> {
    const rows: Row[] = [];
    try {
      await this.#batch([partition], this.#trouble.get(partition)?.limit ?? limit, rows);
      this.#trouble.delete(partition);
    } catch (error) {
      // It is never put aside for that: only tried with less.
      if (tookTooLong(error) && rows.length > 1)
        this.#trouble.set(partition, { limit: Math.ceil(rows.length / 2), failures: 0 });
      if (isTransient(error)) throw error;
      this.#waiting.wake(partition);
      await this.#failed(partition, rows, error);
    }
  }

  /** One transaction. @param read is given the rows as soon as they are read */
  async #batch(partitions: readonly number[], limit: number, read: Row[] = []): Promise<void> {
    const most = Math.max(...partitions.map((partition) => this.#waiting.in(partition)));
    const share = Math.min(limit, Math.max(Math.ceil(limit / partitions.length), most));
    let from: ReadonlyMap<number, number> = new Map();
    let to = new Map<number, number>();
    const work = async (tx: Transaction): Promise<void> => {
      read.length = 0;
      const { positions, parked } = await this.#cursors.lock(tx, partitions);
      read.push(...(await this.#follower.log.readAll(tx, positions, limit, share)));
      from = positions;
      to = new Map(read.map(({ partition, pos }) => [partition, pos]));
      if (read.length === 0) return;
      const rows = parked ? await this.#parked.without(tx, this.#follower, read) : read;
      if (rows.length > 0) await this.#follower.handle(tx, rows);
      await this.#cursors.move(tx, positions, to);
      crashPoint("before-follower-commit");
    };
    await this.#db.transaction(work, { prepared: true });
    if (read.length === 0) return;
    crashPoint("after-follower-commit");
    for (const [partition, pos] of to) this.#waiting.handled(partition, pos - (from.get(partition) ?? 0));
    this.#handledAt = this.#clock.mono();
    // Behind a share that was used up, and behind a day that has ended, there may be more.
    this.#keptUp = read.length < limit;
    for (const [partition, pos] of read.length < limit ? to : from) {
      const isFull = pos - (from.get(partition) ?? 0) >= share || read.length >= limit;
      if (isFull || pos < (this.#heads.get(partition) ?? 0)) this.#waiting.wake(partition);
      this.#keptUp &&= !isFull;
    }
  }

  async #failed(partition: number, rows: readonly Row[], error: unknown): Promise<void> {
    const trouble = this.#trouble.get(partition) ?? { limit: rows.length, failures: 0 };
    this.#trouble.set(partition, trouble);
    trouble.failures++;
    const { log } = this.#options;
    log.debug({ err: error, follower: this.#follower.name, partition, rows: rows.length }, "A batch failed");
    const [first] = rows;
    if (first === undefined || trouble.failures < MAX_FAILURES) {
      await this.#clock.sleep(this.#delay(), this.#stopping.signal).catch(() => undefined);
      return;
    }
    if (rows.length > 1) {
      trouble.limit = Math.ceil(rows.length / 2);
      // It is the rows and not the moment: halves are told by their first failure.
      trouble.failures = trouble.limit === 1 ? 0 : MAX_FAILURES - 1;
      return;
    }
    await this.#db.transaction(async (tx) => {
      const { positions } = await this.#cursors.lock(tx, [partition]);
      if ((positions.get(partition) ?? first.pos) >= first.pos) return;
      await this.#parked.add(tx, this.#follower, [first], describeFailure(error));
      await this.#cursors.move(tx, positions, new Map([[partition, first.pos]]));
    });
    this.#trouble.delete(partition);
    log.error(
      { err: error, follower: this.#follower.name, partition, pos: first.pos },
      "A row cannot be handled and was put aside",
    );
  }
}
