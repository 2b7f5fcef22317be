/** The columns of `items.csv`, in the order in which the documentation names them. */
export const COLUMNS = ["epc", "name", "kind", "gtin", "giai", "home"] as const;
export type Column = (typeof COLUMNS)[number];
const REQUIRED: readonly Column[] = ["epc", "name", "kind"];

/** One line of the file as text by column; a column that the file does not have is empty. */
export interface Row {
  /** Where it begins, from 1. */
  readonly line: number;
  readonly fields: Readonly<Record<Column, string>>;
}

/** Something that keeps a line from being loaded, or with `warning` only looks wrong. */
export interface LineProblem {
  readonly line: number;
  readonly message: string;
  readonly warning?: true;
}

/** Which column each field of a line belongs to, or what is wrong with the header. */
export function readHeader(names: readonly string[]): { columns: Column[] } | { problems: string[] } {
  const given = names.map((name) => name.trim().toLowerCase());
  const columns = given.flatMap((name) => COLUMNS.filter((column) => column === name));
  const unknown = names.filter((_, index) => !COLUMNS.some((column) => column === given[index]));
  const twice = COLUMNS.filter((column) => columns.indexOf(column) !== columns.lastIndexOf(column));
  const missing = REQUIRED.filter((column) => !columns.includes(column));
  const problems = [
    ...unknown.map((name) => `unknown column ${quote(name)}; the columns are ${COLUMNS.join(", ")}`),
    ...twice.map((column) => `the column ${column} is there twice`),
    ...missing.map((column) => `the column ${column} is missing`),
  ];
  return problems.length === 0 ? { columns } : { problems };
}

/** What stands in a file, fit for a terminal: quoted, without control characters, of bounded length. */
export function quote(text: string): string {
  const short = text.length > 80 ? `${text.slice(0, 79)}…` : text;
  return JSON.stringify(short).replace(/[\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g, (char) => {
    return `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
}
