import type { ArrayType } from "./arrays.js";

/** Columns of many rows as SQL. */
export interface Columns {
  /** `tag, at, agent` */
  readonly names: string;
  /** A query of the rows that the arrays `$1` to `$n`, in the order of the columns, hold. */
  readonly rows: string;
}

/**
 * Columns that come as arrays ({@link arrayOf}), by name. The arrays are taken apart in the select list, side by side: in FROM each would be copied
 * into a table of its own first, which is a tenth of what it costs to insert them.
 */
export function columns(types: Readonly<Record<string, ArrayType>>): Columns {
  const all = Object.entries(types);
  const rows = all.map(([name, type], index) => `unnest($${index + 1}::${type}[]) AS "${name}"`);
  return { names: all.map(([name]) => `"${name}"`).join(", "), rows: `SELECT ${rows.join(", ")}` };
}
