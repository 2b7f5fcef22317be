import { type Clock, describeError, type Logger, type Part, systemClock } from "@storeward/runtime";
import type { Kysely } from "kysely";
import { EmbeddedPostgres } from "./embedded/server.js";
import { E } from "./errors.js";
import { type Limits, PROMPT_LIMITS } from "./limits.js";
import { codeOf, tookTooLong } from "./pg-errors.js";
import { type Connection, PooledDatabase } from "./pool.js";
import type { Database, Transaction, TransactionOptions } from "./types.js";

/** What the server calls connections of the service; behind it, the process of those that share a database. */
export const SERVICE_NAME = "storeward-cloud";

/** What the server calls the connections of this process of the service. */
export function connectionName(processId: string): string {
  return `${SERVICE_NAME} ${processId}`;
}

export interface DatabaseOptions {
  /** The data folder, for the embedded server. */
  readonly data: string;
  /** An outside PostgreSQL instead of the embedded one. */
  readonly url?: string | undefined;
  readonly log: Logger;
  readonly clock?: Clock;
  /** What the server calls our connections; default {@link SERVICE_NAME}. */
  readonly applicationName?: string;
  /** Without: as long as it takes. */
  readonly limits?: Limits;
  /** False in tests only: see `EmbeddedOptions`. */
  readonly fsync?: boolean;
}

/** The service's database: the embedded server or an outside one, with its connections. Usable between `start` and `stop`. */
export class ServiceDatabase implements Database, Part {
  readonly name = "database";
  readonly #options: DatabaseOptions;
  readonly #server: EmbeddedPostgres | undefined;
  #pool: PooledDatabase | undefined;
  #prompt: PooledDatabase | undefined;
  readonly #clock: Clock;
  /** What is wrong with connections now. */
  #trouble: string | undefined;
  /** What took too long last, and until when that is worth telling. */
  #heldUp: { readonly text: string; readonly until: number } | undefined;

  constructor(options: DatabaseOptions) {
    this.#options = options;
    const { data, log, clock = systemClock, fsync = true } = options;
    this.#clock = clock;
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
      const { applicationName = SERVICE_NAME, limits } = this.#options;
      const onTrouble = (error: Error) => this.#note(error);
      const onConnect = () => this.#connected();
      this.#pool = new PooledDatabase(this.connection, { applicationName, limits, onTrouble, onConnect });
      this.#prompt = new PooledDatabase(this.connection, { applicationName, limits: PROMPT_LIMITS, max: 1 });
      await this.#pool.query("SELECT 1");
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  async stop(): Promise<void> {
    const [pool, prompt] = [this.#pool, this.#prompt];
    this.#pool = undefined;
    this.#prompt = undefined;
    await prompt?.close();
    await pool?.close();
    await this.#server?.stop();
  }

  /** From now on nobody waits for it: what is being done fails, and so does whatever is asked. */
  abandon(): void {
    this.#prompt?.abandon();
    this.#pool?.abandon();
  }

  /** The same database, by a connection of its own, for what is worth nothing when it takes seconds: it fails instead. */
  readonly prompt: Database = {
    query: (text, values) => this.#open(this.#prompt).query(text, values),
    kysely: () => this.#open(this.#prompt).kysely(),
    transaction: (work, options) => this.#open(this.#prompt).transaction(work, options),
  };

  query<Row extends object>(text: string, values?: readonly unknown[]): Promise<Row[]> {
    return this.#open().query<Row>(text, values);
  }

  kysely<Tables>(): Kysely<Tables> {
    return this.#open().kysely<Tables>();
  }

  async transaction<T>(work: (tx: Transaction) => Promise<T>, options: TransactionOptions = {}): Promise<T> {
    return this.#open().transaction(work, options);
  }

  #open(pool = this.#pool): PooledDatabase {
    if (pool === undefined) throw E.DATABASE_CLOSED();
    return pool;
  }

  /** What is wrong now, or took too long within the last minute, in words for an operator. */
  get trouble(): string | undefined {
    if (this.#trouble !== undefined) return this.#trouble;
    return this.#heldUp !== undefined && this.#clock.mono() < this.#heldUp.until ? this.#heldUp.text : undefined;
  }

  /** Says once what is wrong. */
  #note(error: Error): void {
    const text = describeError(error);
    const said = this.trouble;
    if (tookTooLong(error)) this.#heldUp = { text, until: this.#clock.mono() + TOLD_MS };
    else this.#trouble = text;
    if (text !== said)
      this.#options.log.warn({ error: text }, "The database does not do what it is asked; it is asked again");
  }

  #connected(): void {
    if (this.#trouble !== undefined) this.#options.log.info("The database answers again");
    this.#trouble = undefined;
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

/** For so long something that took too long is told. */
const TOLD_MS = 60_000;
const DUPLICATE_DATABASE = "42P04";
