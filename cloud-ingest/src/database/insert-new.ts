import { codeOf } from "./pg-errors.js";
import type { Transaction } from "./types.js";

const UNIQUE_VIOLATION = "23505";
/** The savepoint costs what the looks for so many rows do. */
const FEW = 50;

/**
 * Inserts rows of which hardly ever one is there already. `ON CONFLICT` looks for each before and marks it after, a sixth of what an insert costs: of many rows it is
 * done only where one is there after all, when the savepoint is undone and all are inserted `otherwise`. Nothing else may be asked in the transaction meanwhile.
 *
 * @param rows how many there are in `values`
 * @param otherwise `ON CONFLICT …`
 */
export async function insertNew(
  tx: Transaction,
  { insert, otherwise }: { readonly insert: string; readonly otherwise: string },
  rows: number,
  values: readonly unknown[],
): Promise<void> {
  if (rows > FEW)
    try {
      await Promise.all([
        tx.query("SAVEPOINT new_rows"),
        tx.query(insert, values),
        tx.query("RELEASE SAVEPOINT new_rows"),
      ]);
      return;
    } catch (error) {
      if (codeOf(error) !== UNIQUE_VIOLATION) throw error;
      await tx.query("ROLLBACK TO SAVEPOINT new_rows; RELEASE SAVEPOINT new_rows");
    }
  if (rows > 0) await tx.query(`${insert} ${otherwise}`, values);
}
