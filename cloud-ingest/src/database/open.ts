import { type Clock, type Logger, type Part, systemClock } from "@storeward/runtime";
import type { Kysely } from "kysely";
import { EmbeddedPostgres } from "./embedded/server.js";
import { E } from "./errors.js";
import { codeOf } from "./pg-errors.js";
import { type Connection, PooledDatabase } from "./pool.js";
import type { Database, Transaction, TransactionOptions } from "./types.js";

export interface DatabaseOptions {
  /** The data folder, for the embedded server. */
  readonly data: string;
  /** An outside PostgreSQL instead of the embedded one. */
  readonly url?: string | undefined;
  readonly log: Logger;
  readonly clock?: Clock;
  /** What the server calls our connections; default "storeward-cloud". */
  readonly applicationName?: string;
  /** False in tests only: see `EmbeddedOptions`. */
  readonly fsync?: boolean;
}

/** The service's database: the embedded server or an outside one, with its connections. Usable between `start` and `stop`. */
export class ServiceDatabase implements Database, Part {
  readonly name = "database";
  readonly #options: DatabaseOptions;
  readonly #server: EmbeddedPostgres | undefined;
  #pool: PooledDatabase | undefined;

  constructor(options: DatabaseOptions) {
    this.#options = options;
    const { data, log, clock = systemClock, fsync = true } = options;
    this.#server = options.url === undefined ? new EmbeddedPostgres({ data, log, clock, fsync }) : undefined;
  }

  /** How others connect to it, once it has started. */
  get connection(): Connection {
    return this.#server?.connection() ?? { url: this.#options.url ?? "" };
  }

  async start(): Promise<void> {
    await this.#server?.start();
    try {
      if (this.#server !== undefined) await ensureDatabase(this.#server);
      this.#pool = new PooledDatabase(this.connection, {
        applicationName: this.#options.applicationName ?? "storeward-cloud",
      });
      await this.#pool.query("SELECT 1");
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  async stop(): Promise<void> {
    const pool = this.#pool;
    this.#pool = undefined;
    await pool?.close();
    await this.#server?.stop();
  }

  query<Row extends object>(text: string, values?: readonly unknown[]): Promise<Row[]> {
    return this.#open().query<Row>(text, values);
  }

  kysely<Tables>(): Kysely<Tables> {
    return this.#open().kysely<Tables>();
  }

  async transaction<T>(work: (tx: Transaction) => Promise<T>, options: TransactionOptions = {}): Promise<T> {
    return this.#open().transaction(work, options);
  }

  #open(): PooledDatabase {
    if (this.#pool === undefined) throw E.DATABASE_CLOSED();
    return this.#pool;
  }
}

export function openDatabase(options: DatabaseOptions): ServiceDatabase {
  return new ServiceDatabase(options);
}

/** initdb makes `postgres` and no database of our name. */
async function ensureDatabase(server: EmbeddedPostgres): Promise<void> {
  const admin = new PooledDatabase(server.connection("postgres"), { max: 1 });
  try {
    await admin.query("CREATE DATABASE storeward");
  } catch (error) {
    if (codeOf(error) !== DUPLICATE_DATABASE) throw error;
  } finally {
    await admin.close();
  }
}

const DUPLICATE_DATABASE = "42P04";
