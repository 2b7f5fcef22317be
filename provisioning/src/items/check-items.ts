import { EpcSelection } from "@storeward/codecs/epc-pattern";
import type { NewItem, Site } from "@storeward/contracts";
import { checkRow } from "./check-row.js";
import type { LineProblem } from "./columns.js";
import { parseItems } from "./read-csv.js";

/** An item with the line it stands on. */
export interface ItemLine {
  readonly line: number;
  readonly item: NewItem & { readonly epc: string };
}

export interface CheckedItems {
  /** Lines without a problem, in the order of the file. */
  readonly items: readonly ItemLine[];
  /** Of every bad line, in the order of the file. */
  readonly problems: readonly LineProblem[];
}

/** Reads `items.csv` and checks it against the site, every line of it. */
export function checkItems(csv: Buffer, site: Pick<Site, "places" | "epcFilter">): CheckedItems {
  const table = parseItems(csv);
  const rules = {
    places: new Set(site.places.map(({ id }) => id)),
    selection: new EpcSelection(site.epcFilter ?? {}),
  };
  const problems: LineProblem[] = [...table.problems];
  const items: ItemLine[] = [];
  const seen = new Map<string, number>();
  for (const row of table.rows) {
    const checked = checkRow(row, rules);
    const found = [...checked.problems];
    for (const name of checked.names) {
      const first = seen.get(name);
      if (first === undefined) seen.set(name, row.line);
      else found.push({ line: row.line, message: `${name} is already on line ${first}` });
    }
    problems.push(...found);
    if (found.every(({ warning }) => warning)) items.push({ line: row.line, item: checked.item });
  }
  return { items, problems: problems.sort((a, b) => a.line - b.line) };
}
