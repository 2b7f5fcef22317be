import type { Kysely } from "kysely";

/** One step of the schema, forward only. The ids of all capabilities form one ordered list in `app.ts`. */
export interface Migration {
  /** Such as "0010-journal": unique, sorted by the number. */
  readonly id: string;
  readonly sql: string;
}

/** Something that answers SQL: the pool, or a transaction. `int8` comes as a checked number, `numeric` and `date` as strings, `timestamptz` as Date. */
export interface Sql {
  query<Row extends object = Record<string, unknown>>(text: string, values?: readonly unknown[]): Promise<Row[]>;
  /** The same connection for queries that are put together. */
  kysely<Tables>(): Kysely<Tables>;
}

/** What is sent as it is: nothing of it can fail before the server has it. */
export type PlainValue = string | number | boolean | Buffer | null;

export interface Transaction extends Sql {
  /** Runs once the transaction has committed, in order; not at all when it rolls back. Must not throw. */
  afterCommit(run: () => void): void;
  /**
   * Asks this last of all, in one breath with the commit: for a row that everybody changes, such as the head of a log, which is locked then only for as long as
   * the server takes. What of it fails undoes the transaction and is thrown by it; so that this is so, it fails at the server or not at all, and answers no rows.
   */
  withCommit(text: string, values: readonly PlainValue[]): void;
  /**
   * Does the work in a savepoint: an error undoes what it did, with what it wanted done with and after the commit, and is thrown. Nothing else may go on in the
   * transaction meanwhile, for that would be undone too.
   */
  savepoint<T>(work: () => Promise<T>): Promise<T>;
}

export interface TransactionOptions {
  /** Default: READ COMMITTED. */
  readonly isolation?: "repeatable read";
  /** Its statements are the same every time: the connection keeps them parsed. Not for statements of which the text changes. */
  readonly prepared?: boolean;
  /** Its first statement writes nothing: it is asked at once with the beginning, and the others once that is answered. */
  readonly looksFirst?: boolean;
  /** Its statements may take long, and wait long for locks: no limit of ordinary work holds. */
  readonly long?: boolean;
  /** Between its statements it waits for something outside, such as a mail server, longer than a transaction may be idle. */
  readonly waits?: boolean;
}

export interface Database extends Sql {
  /**
   * Retries once on a serialization failure or a deadlock. What fails outside of a savepoint undoes everything, also where the work lets it pass: that error is
   * thrown then. An error does not tell that nothing was done: where the answer to the commit was not heard
   * (DATABASE_SILENT, a lost connection), what is in the database decides.
   */
  transaction<T>(work: (tx: Transaction) => Promise<T>, options?: TransactionOptions): Promise<T>;
}
