import type { Transaction } from "../database/index.js";
import { dayOf, daySql } from "./days.js";

/** Makes the days of a table that is partitioned by `recorded_at`, as rows come. */
export class DaySeries {
  readonly #table: string;
  /** Days whose partition is there for certain. */
  readonly #days = new Set<string>();

  constructor(table: string) {
    this.#table = table;
  }

  /** Returns the day, `2026-03-01`, whose partition is there once the transaction ends. */
  async ensure(tx: Transaction, at: Date): Promise<string> {
    const day = dayOf(at);
    if (!this.#days.has(day)) {
      await tx.query(daySql(this.#table, day));
      // A rollback would take the partition along.
      tx.afterCommit(() => this.#days.add(day));
    }
    return day;
  }
}
