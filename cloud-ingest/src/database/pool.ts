import { Kysely, PostgresDialect } from "kysely";
import pg from "pg";
import { E } from "./errors.js";
import { isConflict, isUnprepared } from "./pg-errors.js";
import { typeParsers } from "./pg-types.js";
import type { Database, Transaction, TransactionOptions } from "./types.js";

export type Connection =
  | { readonly url: string }
  | { readonly host: string; readonly port: number; readonly user: string; readonly database: string };

export interface PoolOptions {
  readonly max?: number;
  readonly applicationName?: string;
  /** Schemas in which unqualified names are looked up, in this order: `rebuild,public`. */
  readonly searchPath?: string | undefined;
}

/** The connections of this process. Made without effects; the first query connects. */
export class PooledDatabase implements Database {
  readonly #pool: pg.Pool;
  readonly #kysely: Kysely<unknown>;
  /** Whether connections keep statements: not behind what takes them away. */
  #prepares = true;

  constructor(connection: Connection, { max = 16, applicationName = "storeward-cloud", searchPath }: PoolOptions = {}) {
    const target = "url" in connection ? { connectionString: connection.url } : connection;
    this.#pool = new pg.Pool({
      ...target,
      max,
      types: typeParsers,
      application_name: applicationName,
      ...(searchPath === undefined ? {} : { options: `-c search_path=${searchPath}` }),
      connectionTimeoutMillis: 10_000,
      idleTimeoutMillis: 30_000,
    });
    // A connection that dies says so to whoever uses it; without listeners the event would end the process.
    this.#pool.on("error", () => undefined);
    this.#pool.on("connect", (client) => void client.on("error", () => undefined));
    this.#kysely = new Kysely({ dialect: new PostgresDialect({ pool: this.#pool }) });
  }

  async query<Row extends object>(text: string, values?: readonly unknown[]): Promise<Row[]> {
    if (this.#pool.ending) throw E.DATABASE_CLOSED();
    return rowsOf<Row>(await this.#pool.query(text, values as unknown[] | undefined));
  }

  kysely<Tables>(): Kysely<Tables> {
    return this.#kysely as unknown as Kysely<Tables>;
  }

  async transaction<T>(work: (tx: Transaction) => Promise<T>, options: TransactionOptions = {}): Promise<T> {
    try {
      return await this.#attempt(work, options);
    } catch (error) {
      if (isUnprepared(error)) this.#prepares = false;
      else if (!isConflict(error)) throw error;
      return this.#attempt(work, options);
    }
  }

  /** Waits for what runs, then closes. Called again, does nothing. */
  async close(): Promise<void> {
    if (!this.#pool.ending) await this.#pool.end();
  }

  async #attempt<T>(work: (tx: Transaction) => Promise<T>, options: TransactionOptions): Promise<T> {
    if (this.#pool.ending) throw E.DATABASE_CLOSED();
    const client = await this.#pool.connect();
    const tx = new ClientTransaction(client, options.prepared === true && this.#prepares);
    let broken: Error | undefined;
    try {
      await client.query(options.isolation === undefined ? "BEGIN" : "BEGIN ISOLATION LEVEL REPEATABLE READ");
      const result = await work(tx);
      await client.query("COMMIT");
      return result;
    } catch (error) {
      tx.forget();
      // A connection that cannot even roll back is thrown away.
      await client.query("ROLLBACK").catch((cause: Error) => {
        broken = cause;
      });
      throw error;
    } finally {
      client.release(broken);
      tx.committed();
    }
  }
}

class ClientTransaction implements Transaction {
  readonly #client: pg.PoolClient;
  #after: (() => void)[] = [];
  readonly #prepares: boolean;
  #kysely: Kysely<unknown> | undefined;

  constructor(client: pg.PoolClient, prepares: boolean) {
    this.#client = client;
    this.#prepares = prepares;
  }

  async query<Row extends object>(text: string, values?: readonly unknown[]): Promise<Row[]> {
    const name = this.#prepares && values !== undefined ? nameOf(text) : undefined;
    if (name === undefined) return rowsOf<Row>(await this.#client.query(text, values as unknown[] | undefined));
    return rowsOf<Row>(await this.#client.query({ name, text, values: values as unknown[] }));
  }

  kysely<Tables>(): Kysely<Tables> {
    const client = this.#client;
    const lent = { query: client.query.bind(client), release: () => undefined };
    const pool = { connect: () => Promise.resolve(lent), end: () => Promise.resolve() };
    this.#kysely ??= new Kysely({ dialect: new PostgresDialect({ pool: pool as unknown as pg.Pool }) });
    return this.#kysely as unknown as Kysely<Tables>;
  }

  afterCommit(run: () => void): void {
    this.#after.push(run);
  }

  async savepoint<T>(work: () => Promise<T>): Promise<T> {
    const before = this.#after.length;
    await this.#client.query("SAVEPOINT part");
    try {
      const result = await work();
      await this.#client.query("RELEASE SAVEPOINT part");
      return result;
    } catch (error) {
      this.#after.length = before;
      await this.#client.query("ROLLBACK TO SAVEPOINT part");
      throw error;
    }
  }

  forget(): void {
    this.#after = [];
  }

  committed(): void {
    const after = this.#after;
    this.#after = [];
    for (const run of after) run();
  }
}

/** Names of prepared statements, by their text. */
const names = new Map<string, string>();
/** Each connection keeps as many, at some ten thousand bytes: what is more is parsed every time. */
const MOST_NAMES = 200;

function nameOf(text: string): string | undefined {
  const known = names.get(text);
  if (known !== undefined || names.size >= MOST_NAMES) return known;
  const name = `storeward-${names.size}`;
  names.set(text, name);
  return name;
}

/** The rows of the last statement, where there are several. */
function rowsOf<Row extends object>(result: pg.QueryResult | pg.QueryResult[]): Row[] {
  const last = Array.isArray(result) ? result.at(-1) : result;
  return (last?.rows ?? []) as Row[];
}
