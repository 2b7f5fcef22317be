import { isUtf8 } from "node:buffer";
import { readFileSync, statSync } from "node:fs";
import { defineErrors, isStorewardError } from "@storeward/runtime";
import { parse } from "csv-parse/sync";
import { COLUMNS, type Column, type LineProblem, type Row, readHeader } from "./columns.js";

const E = defineErrors({
  ITEMS_UNREADABLE: { template: "{file} cannot be read: {reason}", status: 500, retryable: false },
});

const MAX_BYTES = 64 * 1024 * 1024;
const MAX_LINE = 4000;

export interface Table {
  readonly rows: readonly Row[];
  /** Of lines that are no rows. */
  readonly problems: readonly LineProblem[];
}

/** The bytes of an items file. Errors: ITEMS_UNREADABLE. */
export function readItemsFile(file: string): Buffer {
  try {
    const { size } = statSync(file);
    if (size > MAX_BYTES) throw E.ITEMS_UNREADABLE({ file, reason: `it has ${size} bytes, more than ${MAX_BYTES}` });
    return readFileSync(file);
  } catch (cause) {
    if (isStorewardError(cause)) throw cause;
    throw E.ITEMS_UNREADABLE({ file, reason: cause instanceof Error ? cause.message : String(cause) }, { cause });
  }
}

/**
 * Reads CSV (RFC 4180) line by line: a field holds no line break here, so that a stray quote spoils its own line and no other.
 * UTF-8 with or without byte order mark; comma, semicolon or tab, whichever the header uses; empty lines are passed over.
 */
export function parseItems(bytes: Buffer): Table {
  if (/^(fffe|feff)/.test(bytes.toString("hex", 0, 2)))
    return { rows: [], problems: [{ line: 1, message: "the file is UTF-16; save it as CSV in UTF-8" }] };
  const problems: LineProblem[] = [];
  const rows: Row[] = [];
  let layout: { columns: Column[]; delimiter: string } | undefined;
  let line = 0;
  for (const text of linesOf(bytes)) {
    line++;
    if (text === undefined) problems.push({ line, message: "it is not UTF-8 text; save the file as CSV in UTF-8" });
    else if (text.length > MAX_LINE) problems.push({ line, message: `it is longer than ${MAX_LINE} characters` });
    else if (layout === undefined) {
      if (text.trim() === "") continue;
      const delimiter = delimiterOf(text);
      const header = readHeader(split(text, delimiter) ?? [text]);
      if ("problems" in header)
        return { rows, problems: [...problems, ...header.problems.map((message) => ({ line, message }))] };
      layout = { columns: header.columns, delimiter };
    } else {
      const row = readRow(text, line, layout);
      if (row === undefined) continue;
      if ("message" in row) problems.push(row);
      else rows.push(row);
    }
  }
  if (layout === undefined && problems.length === 0)
    problems.push({ line: 1, message: `the file is empty; it begins with the header ${COLUMNS.join(",")}` });
  return { rows, problems };
}

/** A row, what is wrong with the line, or undefined for a line with nothing on it. */
function readRow(
  text: string,
  line: number,
  { columns, delimiter }: { columns: readonly Column[]; delimiter: string },
): Row | LineProblem | undefined {
  const values = split(text, delimiter);
  if (values === undefined) return { line, message: "its quotes do not match" };
  if (values.every((value) => value === "")) return undefined;
  const surplus = values.slice(columns.length);
  if (values.length < columns.length || surplus.some((value) => value !== ""))
    return { line, message: `it has ${values.length} fields, the header has ${columns.length}` };
  const fields = { epc: "", name: "", kind: "", gtin: "", giai: "", home: "" };
  columns.forEach((column, index) => {
    fields[column] = values[index] ?? "";
  });
  return { line, fields };
}

/** The fields of one line without white space around them; undefined where its quotes do not match. */
function split(text: string, delimiter: string): string[] | undefined {
  if (!text.includes('"')) return text.split(delimiter).map((field) => field.trim());
  try {
    const [fields = []] = parse(text, { delimiter, trim: true, relax_column_count: true });
    return fields.map((field) => field.trim());
  } catch {
    return undefined;
  }
}

function delimiterOf(header: string): string {
  return [",", ";", "\t"].find((delimiter) => header.includes(delimiter)) ?? ",";
}

/** The lines as text, undefined for one that is not UTF-8. LF, CR LF or CR ends a line; the byte order mark is left out. */
function* linesOf(bytes: Buffer): Generator<string | undefined> {
  let from = bytes.toString("hex", 0, 3) === "efbbbf" ? 3 : 0;
  while (from < bytes.length) {
    const lf = bytes.indexOf(10, from);
    const to = lf === -1 ? bytes.length : lf;
    const piece = bytes.subarray(from, to);
    if (isUtf8(piece)) yield* piece.toString("utf8").replace(/\r$/, "").split("\r");
    else yield undefined;
    from = to + 1;
  }
}
