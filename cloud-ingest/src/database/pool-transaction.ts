import { Kysely, PostgresDialect } from "kysely";
import type pg from "pg";
import { codeOf, isOutdated, isUnprepared } from "./pg-errors.js";
import type { PlainValue, Transaction, TransactionOptions } from "./types.js";

/** What begins a transaction. @param limited whether the connection has limits */
export function beginOf({ isolation, long = false, waits = false }: TransactionOptions, limited: boolean): string {
  const begin = isolation === undefined ? "BEGIN" : "BEGIN ISOLATION LEVEL REPEATABLE READ";
  if (!limited) return begin;
  const lifted = [
    ...(long ? ["statement_timeout", "lock_timeout"] : []),
    ...(long || waits ? ["idle_in_transaction_session_timeout"] : []),
  ];
  return [begin, ...lifted.map((setting) => `SET LOCAL ${setting} = 0`)].join("; ");
}

/** What is asked in a transaction in which something has failed. */
const FAILED_TRANSACTION = "25P02";

/** A transaction on a connection that begins one. */
export class ClientTransaction implements Transaction {
  readonly #client: pg.PoolClient;
  #after: (() => void)[] = [];
  #last: (readonly [text: string, values: readonly PlainValue[]])[] = [];
  #isOver = false;
  readonly #prepares: boolean;
  /** What has begun it; undefined once that is known to have succeeded. */
  #begin: Promise<unknown> | undefined;
  #hasLooked = false;
  #kysely: Kysely<unknown> | undefined;
  /** What has failed and was not undone: the server does nothing any more. */
  #failure: unknown;
  #unprepared: unknown;

  /** @param prepares whether its statements are kept parsed */
  constructor(client: pg.PoolClient, prepares: boolean) {
    this.#client = client;
    this.#prepares = prepares;
  }

  /** Says that a statement that was kept prepared is not what it was: nothing that came of it stays, nor what the work has made of it. */
  get unprepared(): unknown {
    return this.#unprepared;
  }

  /** Begins; with `looksFirst` the first statement does not wait until that has succeeded. */
  async begin(text: string, looksFirst: boolean): Promise<void> {
    const begun = this.#client.query(text);
    if (!looksFirst) return void (await begun);
    this.#begin = begun;
    // Told to who asks something, and looked at before the end.
    begun.catch(() => undefined);
  }

  async query<Row extends object>(text: string, values?: readonly unknown[]): Promise<Row[]> {
    const begin = this.#begin;
    if (begin === undefined) return this.#ask(text, values);
    if (this.#hasLooked) {
      await begin;
      return this.#ask(text, values);
    }
    this.#hasLooked = true;
    const [rows] = await Promise.all([this.#ask<Row>(text, values), begin]);
    this.#begin = undefined;
    return rows;
  }

  /** What was done side by side with something that failed must not go on in the transaction of another. */
  #goesOn(): void {
    if (this.#isOver) throw new RangeError("the transaction has ended");
  }

  async #ask<Row extends object>(text: string, values?: readonly unknown[]): Promise<Row[]> {
    const name = this.#prepares && values !== undefined ? nameOf(text) : undefined;
    if (name === undefined) return rowsOf<Row>(await this.#answer(text, values));
    return rowsOf<Row>(await this.#answer({ name, text, values }));
  }

  /**
   * What was asked behind something that failed is told what that was: it may be heard of first, and says nothing by itself. Nor does a statement that is not
   * there then: the server has refused to keep it.
   */
  async #answer(...asked: unknown[]): Promise<pg.QueryResult> {
    this.#goesOn();
    try {
      const answer = await (this.#client.query as (...asked: unknown[]) => Promise<pg.QueryResult>)(...asked);
      // Answers come in the order of what was asked: what failed before has been undone.
      this.#failure = undefined;
      return answer;
    } catch (error) {
      const isBehind = codeOf(error) === FAILED_TRANSACTION || (this.#failure !== undefined && isUnprepared(error));
      if (isBehind) throw this.#failure ?? error;
      this.#failure = error;
      if (isUnprepared(error) || isOutdated(error)) this.#unprepared = error;
      throw error;
    }
  }

  kysely<Tables>(): Kysely<Tables> {
    const query = async (...asked: unknown[]): Promise<unknown> => {
      await this.#begin;
      return this.#answer(...asked);
    };
    const lent = { query, release: () => undefined };
    const pool = { connect: () => Promise.resolve(lent), end: () => Promise.resolve() };
    this.#kysely ??= new Kysely({ dialect: new PostgresDialect({ pool: pool as unknown as pg.Pool }) });
    return this.#kysely as unknown as Kysely<Tables>;
  }

  afterCommit(run: () => void): void {
    this.#goesOn();
    this.#after.push(run);
  }

  withCommit(text: string, values: readonly PlainValue[]): void {
    this.#goesOn();
    this.#last.push([text, values]);
  }

  async savepoint<T>(work: () => Promise<T>): Promise<T> {
    const [before, last] = [this.#after.length, this.#last.length];
    await this.query("SAVEPOINT part");
    try {
      const result = await work();
      await this.query("RELEASE SAVEPOINT part");
      return result;
    } catch (error) {
      this.#after.length = before;
      this.#last.length = last;
      // It would be there still, and taken for the one around it.
      await this.query("ROLLBACK TO SAVEPOINT part; RELEASE SAVEPOINT part");
      throw error;
    }
  }

  /** Nothing is asked in it from here on, nor left for after it. */
  end(): void {
    this.#isOver = true;
  }

  /**
   * Ends it so that what was done stays. Where something has failed the server undoes all instead and calls it no error: what failed is thrown. So is what failed
   * in a savepoint for no other reason than how statements are kept: the work may have taken it for its own failure.
   */
  async commit(): Promise<void> {
    if (this.#unprepared !== undefined) throw this.#unprepared;
    if (this.#last.length > 0) await this.#begin;
    const last = this.#last.map(([text, values]) => this.#ask(text, values));
    this.end();
    const [{ command }] = await Promise.all([this.#client.query("COMMIT"), ...last]);
    if (command !== "COMMIT") throw this.#failure ?? new RangeError("the transaction was undone");
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
export function rowsOf<Row extends object>(result: pg.QueryResult | pg.QueryResult[]): Row[] {
  const last = Array.isArray(result) ? result.at(-1) : result;
  return (last?.rows ?? []) as Row[];
}
