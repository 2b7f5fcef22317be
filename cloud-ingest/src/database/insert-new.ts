import { codeOf } from "./pg-errors.js";
import type { Transaction } from "./types.js";

const UNIQUE_VIOLATION = "23505";

/**
 * Inserts rows of which hardly ever one is there already: `ON CONFLICT` looks for each before and marks it after, a sixth of what an insert costs. Where one is
 * there, nothing of it is done and all are inserted `otherwise`.
 *
 * @param otherwise `ON CONFLICT …`
 */
export async function insertNew(
  tx: Transaction,
  insert: string,
  otherwise: string,
  values: readonly unknown[],
): Promise<void> {
  try {
    await tx.savepoint(() => tx.query(insert, values));
  } catch (error) {
    if (codeOf(error) !== UNIQUE_VIOLATION) throw error;
    await tx.query(`${insert} ${otherwise}`, values);
  }
}
