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

export interface Transaction extends Sql {
  /** Runs once the transaction has committed, in order; not at all when it rolls back. Must not throw. */
  afterCommit(run: () => void): void;
  /** Does the work in a savepoint: an error undoes what it did, with what it wanted done after the commit, and is thrown. */
  savepoint<T>(work: () => Promise<T>): Promise<T>;
}

export interface TransactionOptions {
  readonly isolation?: "repeatable read";
  /** Its statements are the same every time: the connection keeps them parsed. Not for statements of which the text changes. */
  readonly prepared?: boolean;
}

export interface Database extends Sql {
  /** READ COMMITTED unless told otherwise. Retries once on a serialization failure or a deadlock. */
  transaction<T>(work: (tx: Transaction) => Promise<T>, options?: TransactionOptions): Promise<T>;
}
