import { E } from "./errors.js";

/** A line of `items.csv`. */
export interface Item {
  readonly epc: string;
  readonly name: string;
  readonly kind: string;
  readonly gtin: string;
  readonly giai: string;
  readonly home: string;
}

const COLUMNS = ["epc", "name", "kind", "gtin", "giai", "home"] as const;

/** Reads the items of a site; columns in any order. ITEMS_INVALID names the line: whether codes are right is provisioning's to say. */
export function parseItems(text: string, file = "items.csv"): Item[] {
  const lines = text.replace(/^\uFEFF/, "").split(/\r?\n/);
  const header = cells(lines[0] ?? "").map((name) => name.trim().toLowerCase());
  for (const column of COLUMNS) {
    if (!header.includes(column)) throw E.ITEMS_INVALID({ file, line: 1, problem: `has no column "${column}"` });
  }
  const items: Item[] = [];
  const known = new Set<string>();
  for (const [index, line] of lines.entries()) {
    if (index === 0 || line.trim() === "") continue;
    const values = cells(line);
    const value = (column: (typeof COLUMNS)[number]) => (values[header.indexOf(column)] ?? "").trim();
    const epc = value("epc").toUpperCase();
    const problem = !/^(?:[0-9A-F]{4}){1,31}$/.test(epc) ? "epc: no EPC in hex" : known.has(epc) ? "epc: twice" : "";
    if (problem !== "") throw E.ITEMS_INVALID({ file, line: index + 1, problem: `${problem}: "${epc}"` });
    known.add(epc);
    const [name, kind, gtin, giai, home] = [value("name"), value("kind"), value("gtin"), value("giai"), value("home")];
    items.push({ epc, name, kind, gtin, giai, home });
  }
  return items;
}

/** Fields of one line (RFC 4180 without line breaks in fields). */
function cells(line: string): string[] {
  const found: string[] = [];
  for (const match of line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)) {
    found.push(match[1] === undefined ? (match[2] ?? "") : match[1].replaceAll('""', '"'));
  }
  return found;
}
