import { type CloudProcess, PARTITIONS } from "@storeward/contracts";
import { type Clock, describeError, isoMs, type Logger, type Part, systemClock, type Timer } from "@storeward/runtime";
import type { Database, Sql } from "../database/index.js";
import { beat, endConnectionsOfDead, enter, forgetEnded, give, leave, look, type Self, take } from "./register.js";
import { nextMove } from "./sharing.js";

export interface LeasesOptions {
  readonly db: Database;
  /** The same, for what is worth nothing late: it fails long before a lease has run out. */
  readonly prompt?: Database;
  readonly self: Self;
  readonly log: Logger;
  readonly clock?: Clock;
  /** Whether agents can be heard now. */
  readonly hears: () => boolean;
  /** What is held has changed: called with all of it. What is held no longer has been lost or is given next. */
  onChange(held: ReadonlySet<number>): void;
  /** Finishes what is in hand of partitions that another is to have. */
  readonly finish: (partitions: readonly number[]) => Promise<void>;
  /** A process that says nothing for so long is dead to the others; default 5 s. */
  readonly leaseMs?: number;
  /** How often to say so, and to look what is free; default 1 s. */
  readonly everyMs?: number;
}

const LEASE_MS = 5_000;
const EVERY_MS = 1_000;
/** A broker that is away for longer is away for this process only, it may be. */
const DEAF_MS = 4_000;
/** What is not finished by then another does again: it moves the cursor, or the other does. */
const FINISH_MS = 2_000;
const FORGET_EVERY_TICKS = 60;

/**
 * This process's share of the partitions. A lease says who is to work on a partition; that the work is done once is for the cursors to see
 * to, so two that both believe they hold one do no harm. Time is that of the database; a process that cannot reach it believes itself dead
 * as soon as the others may.
 */
export class Leases implements Part {
  readonly name = "leases";
  readonly #options: LeasesOptions;
  readonly #clock: Clock;
  readonly #leaseMs: number;
  #held: ReadonlySet<number> = new Set();
  /** When the last word that we live was begun, mono ms. */
  #saidAt = Number.NEGATIVE_INFINITY;
  #heardAt = Number.NEGATIVE_INFINITY;
  #others = 0;
  #ticks = 0;
  #timer: Timer | undefined;
  #working: Promise<void> | undefined;

  constructor(options: LeasesOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#leaseMs = options.leaseMs ?? LEASE_MS;
  }

  holds(partition: number): boolean {
    return this.#held.has(partition);
  }

  /** Of all partitions, 0 to 1. */
  get share(): number {
    return this.#held.size / PARTITIONS;
  }

  /** Partitions held, and other processes, as of the last look. */
  gauges(): { held: ReadonlySet<number>; others: number } {
    return { held: this.#held, others: this.#others };
  }

  /** Errors: PROCESS_NOT_ALONE. */
  async start(): Promise<void> {
    const { db, self, everyMs = EVERY_MS } = this.#options;
    await enter(db, self, this.#leaseMs);
    this.#heardAt = this.#clock.mono();
    await this.tick();
    this.#timer = this.#clock.every(everyMs, () => {
      this.#working ??= this.tick().finally(() => {
        this.#working = undefined;
      });
      // A database that does not answer does not keep us from seeing that time is up.
      this.#expire();
    });
  }

  /** Gives everything back, so that others need not wait for us to be dead. */
  async stop(): Promise<void> {
    this.#timer?.stop();
    await this.#working;
    const { self, log } = this.#options;
    await this.#finish([...this.#held]);
    await leave(this.#prompt, self.id).catch((error: unknown) =>
      log.debug(
        { error: describeError(error) },
        "Partitions could not be given back: others take them in some seconds",
      ),
    );
  }

  /** Says that this process lives; then gives what is too much, or takes what is free. */
  async tick(): Promise<void> {
    const { self, log } = this.#options;
    const db = this.#prompt;
    this.#expire();
    try {
      await this.#beat().catch(() => this.#beat());
      const { living, leases } = await look(db);
      this.#others = living.filter(({ id }) => id !== self.id).length;
      this.#believe(leases.filter(({ holder }) => holder === self.id).map(({ partition }) => partition));
      const move = nextMove(self.id, living, leases);
      const before = this.#held;
      if (move.give.length > 0) {
        await this.#finish(move.give);
        await give(db, self.id, move.give);
      }
      if (move.take > 0) {
        const ended = await endConnectionsOfDead(db);
        if (ended > 0)
          log.warn({ connections: ended }, "A process lives no longer: its connections to the database were ended");
        this.#believe([...this.#held, ...(await take(db, self.id, move.take))]);
      }
      if (this.#held !== before)
        log.info({ held: inWords(this.#held), others: this.#others }, "Partitions are shared anew");
      if (this.#ticks++ % FORGET_EVERY_TICKS === 0) await forgetEnded(db, this.#leaseMs);
    } catch (error) {
      log.debug({ error: describeError(error) }, "Partitions cannot be shared now");
    }
  }

  get #prompt(): Database {
    return this.#options.prompt ?? this.#options.db;
  }

  /** The connection may be dead while the database is not: another takes its place at the next try, long before the lease has run out. */
  async #beat(): Promise<void> {
    const now = this.#clock.mono();
    await beat(this.#prompt, { ...this.#options.self, hears: this.#hears(now) }, this.#leaseMs);
    this.#saidAt = now;
  }

  /** Every process that lives, the longest first. */
  async list(sql: Sql): Promise<CloudProcess[]> {
    const { living, leases } = await look(sql);
    return living.map(({ id, home, software, hears, startedAt }) => ({
      id,
      home,
      software,
      startedAt: isoMs(startedAt.getTime()),
      self: id === this.#options.self.id,
      hears,
      partitions: leases.filter(({ holder }) => holder === id).map(({ partition }) => partition),
    }));
  }

  #expire(): void {
    if (this.#held.size > 0 && this.#clock.mono() - this.#saidAt >= this.#leaseMs) {
      this.#options.log.warn("The database has not answered for too long: others may have this process's partitions");
      this.#believe([]);
    }
  }

  #hears(now: number): boolean {
    if (this.#options.hears()) this.#heardAt = now;
    return now - this.#heardAt < DEAF_MS;
  }

  async #finish(partitions: readonly number[]): Promise<void> {
    if (partitions.length === 0) return;
    this.#believe([...this.#held].filter((partition) => !partitions.includes(partition)));
    let limit: Timer | undefined;
    const late = new Promise<void>((resolve) => {
      limit = this.#clock.after(FINISH_MS, resolve);
    });
    await Promise.race([this.#options.finish(partitions), late]);
    limit?.stop();
  }

  #believe(partitions: readonly number[]): void {
    const held = new Set(partitions);
    if (held.size === this.#held.size && partitions.every((partition) => this.#held.has(partition))) return;
    this.#held = held;
    this.#options.onChange(held);
  }
}

/** `0-3, 7, 12-63` */
export function inWords(partitions: Iterable<number>): string {
  const runs: [number, number][] = [];
  for (const partition of [...partitions].sort((a, b) => a - b)) {
    const last = runs.at(-1);
    if (last !== undefined && last[1] === partition - 1) last[1] = partition;
    else runs.push([partition, partition]);
  }
  return runs.map(([from, to]) => (from === to ? `${from}` : `${from}-${to}`)).join(", ") || "none";
}
