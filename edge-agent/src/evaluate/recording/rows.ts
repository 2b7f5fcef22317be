import { E } from "../errors.js";

/** What is asked of each row: names that its column may have, and whether it must be there. */
export interface Wanted {
  readonly names: readonly string[];
  readonly required?: boolean;
  /** JSON that has it need not have the others. */
  readonly excuses?: boolean;
}

/** A cell as it stands there; undefined where it is empty or absent. */
export type Cell = string | number | undefined;
export type Row<F extends string> = Readonly<Record<F, Cell>>;

/** Gives the row of a line, a sentence that says why it is none, or undefined where the line is no row. */
type Reader<F extends string> = (text: string) => Row<F> | string | undefined;

/** Names of columns that were given, or their numbers from 1. */
export type ColumnNames = Readonly<Record<string, string>>;

/**
 * Reads rows of CSV (comma, semicolon or tab; a header, or numbers of columns instead) or JSON lines: which of them, the first line that is
 * not empty tells. Throws EVALUATE_COLUMNS where a column is missing.
 */
export class RowReader<F extends string> {
  readonly #file: string;
  readonly #wanted: Readonly<Record<F, Wanted>>;
  readonly #given: ColumnNames;
  #read: Reader<F> | undefined;
  #has = new Set<F>();

  constructor(file: string, wanted: Readonly<Record<F, Wanted>>, given: ColumnNames = {}) {
    this.#file = file;
    this.#wanted = wanted;
    this.#given = given;
  }

  /** Whether there is such a column, as far as the rows have told. */
  has(field: F): boolean {
    return this.#has.has(field);
  }

  row(text: string): Row<F> | string | undefined {
    const line = text.startsWith("\uFEFF") ? text.slice(1) : text;
    if (line.trim() === "") return undefined;
    if (this.#read !== undefined) return this.#read(line);
    const first = line.trimStart();
    if (first.startsWith("[")) throw E.EVALUATE_JSON_ARRAY({ file: this.#file });
    if (first.startsWith("{")) {
      this.#read = this.#jsonReader();
      return this.#read(line);
    }
    const { reader, isHeader } = this.#csvReader(line);
    this.#read = reader;
    return isHeader ? undefined : reader(line);
  }

  #fields(): F[] {
    return Object.keys(this.#wanted) as F[];
  }

  #jsonReader(): Reader<F> {
    const keys = new Map<F, string>();
    return (text) => {
      const value = objectOf(text);
      if (value === undefined) return "is no JSON object";
      const row: Partial<Record<F, Cell>> = {};
      for (const field of this.#fields()) {
        const known = keys.get(field) ?? this.#nameOf(field, Object.keys(value));
        if (known === undefined) continue;
        keys.set(field, known);
        this.#has.add(field);
        const cell = value[known];
        if (typeof cell === "number" || (typeof cell === "string" && cell !== "")) row[field] = cell;
      }
      const isExcused = this.#fields().some((field) => this.#wanted[field].excuses && row[field] !== undefined);
      if (keys.size > 0 && !isExcused) this.#checkRequired(keys, Object.keys(value));
      return row as Row<F>;
    };
  }

  #csvReader(line: string): { reader: Reader<F>; isHeader: boolean } {
    const separator = separatorOf(line);
    const names = cellsOf(line, separator);
    const numbered = Object.values(this.#given).length > 0 && Object.values(this.#given).every(isNumber);
    const at = new Map<F, number>();
    for (const field of this.#fields()) {
      const name = numbered ? this.#given[field] : this.#nameOf(field, names);
      if (name !== undefined) at.set(field, numbered ? Number(name) - 1 : names.indexOf(name));
    }
    this.#checkRequired(at, names);
    for (const field of at.keys()) this.#has.add(field);
    const reader: Reader<F> = (text) => {
      const cells = cellsOf(text, separator);
      if (!numbered && cells.length !== names.length)
        return `has ${cells.length} cells where the header has ${names.length}`;
      const row: Partial<Record<F, Cell>> = {};
      for (const [field, index] of at) {
        const cell = cells[index]?.trim();
        if (cell !== undefined && cell !== "") row[field] = cell;
      }
      return row as Row<F>;
    };
    return { reader, isHeader: !numbered };
  }

  #nameOf(field: F, names: readonly string[]): string | undefined {
    const given = this.#given[field];
    if (given !== undefined) return names.find((name) => name === given);
    for (const wanted of this.#wanted[field].names) {
      const found = names.find((name) => plain(name) === wanted);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  #checkRequired(found: ReadonlyMap<F, unknown>, names: readonly string[]): void {
    for (const field of this.#fields())
      if (!found.has(field) && (this.#wanted[field].required || this.#given[field] !== undefined))
        throw E.EVALUATE_COLUMNS({ file: this.#file, missing: field, found: names.join(", ").slice(0, 300) });
  }
}

/** Letters and digits only: peakRssi, peak_rssi and "Peak RSSI" are the same. */
function plain(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/g, "");
}

function isNumber(name: string): boolean {
  return /^[1-9][0-9]*$/.test(name);
}

function objectOf(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

/** The one that parts the line into most cells. */
function separatorOf(line: string): string {
  const separators = [",", ";", "\t"];
  return separators.reduce((best, one) => (line.split(one).length > line.split(best).length ? one : best));
}

/** The cells of a line of CSV (RFC 4180, without line breaks in cells). */
function cellsOf(line: string, separator: string): string[] {
  if (!line.includes('"')) return line.split(separator);
  const cells: string[] = [];
  let cell = "";
  let quoted = false;
  for (let at = 0; at < line.length; at++) {
    const char = line[at];
    if (quoted && char === '"' && line[at + 1] === '"') {
      cell += '"';
      at++;
    } else if (char === '"') quoted = !quoted;
    else if (char === separator && !quoted) {
      cells.push(cell);
      cell = "";
    } else cell += char;
  }
  return [...cells, cell];
}
