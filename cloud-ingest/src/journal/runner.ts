import { type Clock, crashPoint, type Logger, type Part, systemClock } from "@storeward/runtime";
import { type Database, isTransient, type Transaction, tookTooLong } from "../database/index.js";
import type { Abreast } from "./abreast.js";
import { Cursors } from "./cursors.js";
import type { GiveWay } from "./give-way.js";
import { describeFailure, Parked } from "./parked.js";
import { type Round, Rounds } from "./rounds.js";
import type { Follower, LogRow } from "./types.js";
import { Waiting } from "./waiting.js";

const BATCH_ROWS = 2000;
const POLL_MS = 1000;
/** How often a row may fail before it is put aside. */
const MAX_FAILURES = 3;

export interface FollowerRunnerOptions {
  readonly log: Logger;
  readonly clock?: Clock;
  /** Rows handled in one transaction; default 2000. */
  readonly batchSize?: number;
  /** How often to look for rows that other processes appended; default 1000. */
  readonly pollMs?: number;
  /** From the beginning of one round to that of the next while it keeps up, so that what comes meanwhile is one round; default 0. */
  readonly gatherMs?: number;
  /** Whether this process runs the follower in this partition; default all. Two that both do share the work, and do it once. */
  readonly runs?: (partition: number) => boolean;
  /** Who reads the same rows: where they are so far behind that it waits for them it does so for a second at most before each round. */
  readonly abreast?: Abreast;
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
  readonly #rounds: Rounds;
  #unsubscribe: () => void = () => undefined;
  readonly #waiting = new Waiting();
  #handledAt = Number.NEGATIVE_INFINITY;
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
    options.abreast?.add(this);
    this.#rounds = new Rounds({
      ...options,
      isAhead: () => options.abreast?.isAhead(this) ?? false,
      clock: this.#clock,
      round: (signal) => this.#round(signal),
      failed: (error) =>
        options.log.debug({ err: error, follower: follower.name }, "The database is not there; trying again"),
    });
  }

  async start(): Promise<void> {
    await this.#cursors.create(this.#db, this.#follower.log.partitions);
    this.#nextLook = Number.NEGATIVE_INFINITY;
    this.#unsubscribe = this.#follower.log.onAppend((partition, rows) => {
      this.#waiting.came(partition, rows);
      this.#rounds.wake();
    });
    this.#rounds.start();
  }

  /** Waits for the batch that is being handled. */
  async stop(): Promise<void> {
    this.#unsubscribe();
    await this.#rounds.stop();
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

  /** One batch of partitions that may be behind. */
  async #round(signal: AbortSignal): Promise<Round> {
    const isTime = this.#clock.mono() >= this.#nextLook;
    if (isTime) this.#nextLook = this.#clock.mono() + (this.#options.pollMs ?? POLL_MS);
    const due = this.#nextLook;
    if (!this.#follower.log.partitions.some(this.#runs)) {
      this.#waiting.found(new Map());
      return { more: false, keptUp: false, due };
    }
    if (isTime) await this.#look();
    const { batchSize: limit = BATCH_ROWS, abreast } = this.#options;
    // What is appended from here on wakes them again.
    const ours = signal.aborted ? [] : this.#waiting.take(limit, this.#runs, abreast?.readByOthers(this));
    abreast?.goesOn(this, ours);
    const isCalm = (partition: number): boolean => !this.#trouble.has(partition);
    const [calm, troubled] = [ours.filter(isCalm), ours.filter((partition) => !isCalm(partition))];
    let keptUp = false;
    try {
      keptUp = await this.#together(calm, limit, signal);
      await this.#oneByOne(troubled, limit, signal);
    } catch (error) {
      for (const partition of ours) this.#waiting.wake(partition);
      throw error;
    }
    return { more: !this.#waiting.isEmpty, keptUp: keptUp && troubled.length === 0, due };
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

  /** Partitions are worked on together; where that fails, one after the other. Whether that was all there was. */
  async #together(partitions: readonly number[], limit: number, signal: AbortSignal): Promise<boolean> {
    if (partitions.length < 2) return this.#oneByOne(partitions, limit, signal);
    try {
      return await this.#batch(partitions, limit);
    } catch (error) {
      if (isTransient(error) && !tookTooLong(error)) throw error;
      return this.#oneByOne(partitions, limit, signal);
    }
  }

  /** What takes too long in one of them does not keep the others waiting. */
  async #oneByOne(partitions: readonly number[], limit: number, signal: AbortSignal): Promise<boolean> {
    let keptUp = partitions.length > 0;
    let late: unknown;
    for (const partition of partitions) {
      if (signal.aborted) break;
      try {
        keptUp = (await this.#alone(partition, limit)) && keptUp;
      } catch (error) {
        if (!tookTooLong(error)) throw error;
        late = error;
      }
    }
    if (late !== undefined) throw late;
    return keptUp;
  }

  /** Rows are handled, or put aside. */
  async #alone(partition: number, limit: number): Promise<boolean> {
    const rows: Row[] = [];
    try {
      const keptUp = await this.#batch([partition], this.#trouble.get(partition)?.limit ?? limit, rows);
      this.#trouble.delete(partition);
      return keptUp;
    } catch (error) {
      // It is never put aside for that: only tried with less.
      if (tookTooLong(error) && rows.length > 1)
        this.#trouble.set(partition, { limit: Math.ceil(rows.length / 2), failures: 0 });
      if (isTransient(error)) throw error;
      this.#waiting.wake(partition);
      await this.#failed(partition, rows, error);
      return false;
    }
  }

  /** One transaction. Whether it took all there was, and anything. @param read is given the rows as soon as they are read */
  async #batch(partitions: readonly number[], limit: number, read: Row[] = []): Promise<boolean> {
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
      await Promise.all([this.#cursors.move(tx, positions, to), rows.length > 0 && this.#follower.handle(tx, rows)]);
      crashPoint("before-follower-commit");
    };
    await this.#db.transaction(work, { prepared: true, looksFirst: true });
    if (read.length === 0) return false;
    crashPoint("after-follower-commit");
    this.#handledAt = this.#clock.mono();
    for (const [partition, pos] of to) this.#waiting.handled(partition, pos - (from.get(partition) ?? 0));
    // Behind a share that was used up, and behind a day that has ended, there may be more.
    let keptUp = read.length < limit;
    for (const [partition, pos] of keptUp ? to : from) {
      const isFull = pos - (from.get(partition) ?? 0) >= share || read.length >= limit;
      if (isFull || pos < (this.#heads.get(partition) ?? 0)) this.#waiting.wake(partition);
      keptUp &&= !isFull;
    }
    return keptUp;
  }

  async #failed(partition: number, rows: readonly Row[], error: unknown): Promise<void> {
    const trouble = this.#trouble.get(partition) ?? { limit: rows.length, failures: 0 };
    this.#trouble.set(partition, trouble);
    trouble.failures++;
    const { log } = this.#options;
    log.debug({ err: error, follower: this.#follower.name, partition, rows: rows.length }, "A batch failed");
    const [first] = rows;
    if (first === undefined || trouble.failures < MAX_FAILURES) {
      await this.#rounds.pause();
      return;
    }
    if (rows.length > 1) {
      trouble.limit = Math.ceil(rows.length / 2);
      // It is the rows and not the moment: halves are told by their first failure.
      trouble.failures = trouble.limit === 1 ? 0 : MAX_FAILURES - 1;
      return;
    }
    const isParked = await this.#db.transaction(async (tx) => {
      const { positions } = await this.#cursors.lock(tx, [partition]);
      // Another process has it in hand, or has done it.
      if ((positions.get(partition) ?? first.pos) >= first.pos) return false;
      await this.#parked.add(tx, this.#follower, [first], describeFailure(error));
      await this.#cursors.move(tx, positions, new Map([[partition, first.pos]]));
      return true;
    });
    this.#trouble.delete(partition);
    if (!isParked) return;
    log.error(
      { err: error, follower: this.#follower.name, partition, pos: first.pos },
      "A row cannot be handled and was put aside",
    );
  }
}
