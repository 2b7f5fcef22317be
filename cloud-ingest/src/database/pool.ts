import { Kysely, PostgresDialect } from "kysely";
import pg from "pg";
import { E } from "./errors.js";
import { CONNECT_MS, type Limits } from "./limits.js";
import { isConflict, isOutdated, isUnprepared } from "./pg-errors.js";
import { typeParsers } from "./pg-types.js";
import { beginOf, ClientTransaction, rowsOf } from "./pool-transaction.js";
import type { Database, Transaction, TransactionOptions } from "./types.js";
import { clientsIn, cut, WatchedConnection } from "./watched-connection.js";

export type Connection =
  | { readonly url: string }
  | { readonly host: string; readonly port: number; readonly user: string; readonly database: string };

export interface PoolOptions {
  readonly max?: number;
  readonly applicationName?: string;
  /** Schemas in which unqualified names are looked up, in this order: `rebuild,public`. */
  readonly searchPath?: string | undefined;
  /** How long things may take; without it as long as they take, as is right for commands that somebody watches. */
  readonly limits?: Limits | undefined;
  /** With limits: told when a connection was given up or could not be made, and when something took too long. */
  readonly onTrouble?: (error: Error) => void;
  /** With limits: told when a connection was made. */
  readonly onConnect?: () => void;
}

/** Of `pg` since 8.21; not among its types yet. */
export const PIPELINED: pg.PoolConfig = { pipeline: true } as object;

/** The kernel finds a peer that is gone while nothing is said: it asks after this, ms, then every second, ten times. */
const KEEP_ALIVE_MS = 10_000;

/**
 * The server's side of the limits. It asks an idle client that it does not hear whether it is still there, after 30 s and 3 times; what it has sent and nobody
 * has taken tells as much after `tcp_user_timeout`.
 * It compiles no statement (`jit`): where it expects a series of minutes or a list of ids to be long it would compile for 150 ms what takes one.
 */
const SETTINGS = `SELECT set_config('statement_timeout', $1, false), set_config('lock_timeout', $2, false),
  set_config('idle_in_transaction_session_timeout', $3, false), set_config('tcp_user_timeout', $4, false),
  set_config('tcp_keepalives_idle', '30', false), set_config('tcp_keepalives_interval', '10', false), set_config('tcp_keepalives_count', '3', false),
  set_config('jit', 'off', false)`;

/** The connections of this process. Made without effects; the first query connects. */
export class PooledDatabase implements Database {
  readonly #pool: pg.Pool;
  readonly #kysely: Kysely<unknown>;
  /** Whether connections keep statements: not behind what takes them away. */
  #prepares = true;
  readonly #options: PoolOptions;
  readonly #max: number;
  readonly #connecting = new Set<pg.ClientBase>();
  readonly #watched = new Map<pg.ClientBase, WatchedConnection>();
  /** Those who wait for a connection: each is told when none will come. */
  readonly #waiting = new Set<() => void>();
  /** When a connection was made last, ms of `performance`. */
  #connectedAt = Number.NEGATIVE_INFINITY;
  /** Processes of the server whose connections were given up, and which may still hold locks. */
  readonly #givenUp = new Set<number>();

  constructor(connection: Connection, options: PoolOptions = {}) {
    this.#options = options;
    const { max = 16, applicationName = "storeward-cloud", searchPath, limits } = options;
    this.#max = max;
    const target = "url" in connection ? { connectionString: connection.url } : connection;
    this.#pool = new pg.Pool({
      ...target,
      Client: clientsIn(this.#connecting),
      // What is asked at once is sent at once, and not each behind the answer to the one before.
      ...PIPELINED,
      max,
      types: typeParsers,
      application_name: applicationName,
      ...(searchPath === undefined ? {} : { options: `-c search_path=${searchPath} -c jit=off` }),
      connectionTimeoutMillis: limits?.connectMs ?? CONNECT_MS,
      idleTimeoutMillis: 30_000,
      keepAlive: true,
      keepAliveInitialDelayMillis: KEEP_ALIVE_MS,
      ...(limits === undefined ? {} : { onConnect: (client) => this.#prepare(client, limits) }),
    });
    // A connection that dies says so to whoever uses it; without listeners the event would end the process.
    this.#pool.on("error", () => undefined);
    this.#pool.on("connect", (client) => void client.on("error", () => undefined));
    this.#pool.on("acquire", (client) => this.#setIdle(client, false));
    this.#pool.on("release", (_, client) => this.#setIdle(client, true));
    this.#kysely = new Kysely({
      dialect: new PostgresDialect({
        pool: { connect: () => this.#acquire(), end: () => this.close() } as unknown as pg.Pool,
      }),
    });
  }

  async query<Row extends object>(text: string, values?: readonly unknown[]): Promise<Row[]> {
    const client = await this.#acquire();
    try {
      return rowsOf<Row>(await client.query(text, values as unknown[] | undefined));
    } finally {
      client.release();
    }
  }

  kysely<Tables>(): Kysely<Tables> {
    return this.#kysely as unknown as Kysely<Tables>;
  }

  /**
   * What fails for a statement that was kept prepared is done again with none. Where the schema has changed others are kept again by the next, for the connection
   * that failed is closed and a new one knows the schema; where there is something between that takes them away, no more are kept.
   */
  async transaction<T>(work: (tx: Transaction) => Promise<T>, options: TransactionOptions = {}): Promise<T> {
    try {
      return await this.#attempt(work, options);
    } catch (error) {
      if (isConflict(error)) return this.#attempt(work, options);
      if (isUnprepared(error)) this.#prepares = false;
      else if (!isOutdated(error)) throw error;
      return this.#attempt(work, { ...options, prepared: false });
    }
  }

  /** Waits for what runs, then closes; who waits for a connection gets none (DATABASE_CLOSED). Called again, does nothing. */
  async close(): Promise<void> {
    if (this.#pool.ending) return;
    const ended = this.#pool.end();
    for (const tell of this.#waiting) tell();
    await ended;
  }

  /** Closes without waiting: whatever is being done fails with DATABASE_CLOSED. */
  abandon(): void {
    void this.close();
    for (const client of this.#connecting) cut(client, E.DATABASE_CLOSED());
    for (const watched of this.#watched.values()) watched.cut(E.DATABASE_CLOSED());
  }

  async #attempt<T>(work: (tx: Transaction) => Promise<T>, options: TransactionOptions): Promise<T> {
    const client = await this.#acquire();
    const watched = this.#watched.get(client);
    const tx = new ClientTransaction(client, options.prepared === true && this.#prepares);
    let broken: Error | undefined;
    try {
      await tx.begin(beginOf(options, watched !== undefined), options.looksFirst ?? false);
      if (watched !== undefined) watched.isLong = options.long ?? false;
      const result = await work(tx);
      if (watched !== undefined) watched.isLong = false;
      await tx.commit();
      return result;
    } catch (failure) {
      const error = tx.unprepared ?? failure;
      tx.end();
      tx.forget();
      // A connection that cannot even roll back is thrown away; one that was given up says so at once.
      await client.query("ROLLBACK").catch((cause: Error) => {
        broken = cause;
      });
      if (isOutdated(error)) broken ??= error;
      throw error;
    } finally {
      if (watched !== undefined) watched.isLong = false;
      client.release(broken);
      tx.committed();
    }
  }

  /** A connection, to be released. Errors: DATABASE_CLOSED, DATABASE_BUSY, DATABASE_UNREACHABLE, those of the network and the server. */
  async #acquire(): Promise<pg.PoolClient> {
    if (this.#pool.ending) throw E.DATABASE_CLOSED();
    const begun = performance.now();
    try {
      return await this.#connect();
    } catch (error) {
      if (this.#pool.ending) throw E.DATABASE_CLOSED({}, { cause: error });
      throw this.#noConnection(error, begun);
    }
  }

  /** The pool of `pg` lets those who wait when it ends wait until their time is up. */
  #connect(): Promise<pg.PoolClient> {
    return new Promise((resolve, reject) => {
      const tell = () => reject(E.DATABASE_CLOSED());
      this.#waiting.add(tell);
      this.#pool.connect().then(
        (client) => {
          this.#waiting.delete(tell);
          if (!this.#pool.ending) return resolve(client);
          client.release(true);
          tell();
        },
        (error: unknown) => {
          this.#waiting.delete(tell);
          reject(error);
        },
      );
    });
  }

  #noConnection(cause: unknown, begun: number): unknown {
    const { limits, onTrouble } = this.#options;
    const seconds = (limits?.connectMs ?? CONNECT_MS) / 1000;
    const message = cause instanceof Error ? cause.message : "";
    if (message.startsWith("timeout exceeded")) return E.DATABASE_BUSY({ max: this.#max, seconds }, { cause });
    const isLate = message.includes("connection timeout") || message === "timeout expired";
    const error = isLate ? E.DATABASE_UNREACHABLE({ seconds }, { cause }) : cause;
    // One that was begun before the latest that was made tells nothing new.
    if (error instanceof Error && begun > this.#connectedAt) onTrouble?.(error);
    return error;
  }

  /** Makes the limits hold on both sides of a new connection, before anybody works with it. */
  async #prepare(client: pg.ClientBase, limits: Limits): Promise<void> {
    const watched = new WatchedConnection(client, {
      limits,
      onSilent: (error) => this.#onSilent(watched, error),
      onSlow: (error) => this.#options.onTrouble?.(error),
    });
    this.#watched.set(client, watched);
    // The pool says nothing of the end of one that could not be prepared.
    client.once("end", () => this.#watched.delete(client));
    const { statementMs, lockMs, idleMs, silentMs } = limits;
    await client.query(
      SETTINGS,
      [statementMs, lockMs, idleMs, silentMs].map((ms) => `${Math.round(ms)}ms`),
    );
    await this.#endGivenUp(client);
    this.#connectedAt = performance.now();
    this.#options.onConnect?.();
  }

  /** Where one connection has gone dumb the others may have too: those that nobody uses are not found out one after the other. */
  #onSilent(silent: WatchedConnection, error: Error): void {
    if (silent.pid !== undefined) this.#givenUp.add(silent.pid);
    this.#options.onTrouble?.(error);
    for (const watched of this.#watched.values()) if (watched.isIdle) watched.cut(error);
    void this.#tellServer();
  }

  async #tellServer(): Promise<void> {
    try {
      const client = await this.#acquire();
      await this.#endGivenUp(client).finally(() => client.release());
    } catch {
      // The next connection that is made does.
    }
  }

  #setIdle(client: pg.ClientBase, isIdle: boolean): void {
    const watched = this.#watched.get(client);
    if (watched !== undefined) watched.isIdle = isIdle;
  }

  /** Ends what the server still does for connections that were given up: it may never hear that they are gone, and keep their locks. */
  async #endGivenUp(client: pg.ClientBase): Promise<void> {
    const pids = [...this.#givenUp];
    if (pids.length === 0) return;
    await client.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
       WHERE pid = ANY ($1) AND application_name = current_setting('application_name') AND usename = current_user AND pid <> pg_backend_pid()`,
      [pids],
    );
    for (const pid of pids) this.#givenUp.delete(pid);
  }
}
