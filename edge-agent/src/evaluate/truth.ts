import type { Fact } from "./claims.js";
import { E } from "./errors.js";
import type { BadLines } from "./recording/bad-lines.js";
import { linesOf } from "./recording/file.js";
import { epcOf, shown } from "./recording/recorded.js";
import { type ColumnNames, type Row, RowReader, type Wanted } from "./recording/rows.js";
import { type TimeUnit, timeOf } from "./recording/times.js";

const TRUTH_COLUMNS = {
  epc: { names: ["epc", "epchex", "tag", "tagid"], required: true },
  readPoint: { names: ["readpoint", "place", "location", "shelf", "door", "portal"] },
  from: { names: ["from", "start", "since", "begin"] },
  to: { names: ["to", "end", "until"] },
  direction: { names: ["direction", "dir"] },
  at: { names: ["at", "time", "timestamp"] },
} as const satisfies Readonly<Record<string, Wanted>>;

/** What is known to be true of a recording, in order of time. */
export interface Truth {
  readonly facts: readonly Fact[];
  /** Tags of which it tells, also that they were nowhere. */
  readonly epcs: ReadonlySet<string>;
  readonly stays: number;
  readonly passages: number;
}

/**
 * Reads stays (`epc, readPoint, from, to`; still there where `to` is empty) and passages (`epc, readPoint, direction, at`), in one file or
 * in several. A line of an EPC alone says that this tag was nowhere.
 */
export async function readTruth(
  files: readonly string[],
  options: {
    readonly columns: ColumnNames;
    readonly timeUnit: TimeUnit;
    readonly roles: ReadonlyMap<string, "shelf" | "portal">;
  },
  bad: BadLines,
): Promise<Truth> {
  const facts: Fact[] = [];
  const epcs = new Set<string>();
  for (const file of files) {
    const rows = new RowReader(file, TRUTH_COLUMNS, options.columns);
    for await (const lines of linesOf(file))
      for (const { number, text } of lines) {
        const row = text === undefined ? "is too long" : rows.row(text);
        if (row === undefined) continue;
        const told = typeof row === "string" ? row : factsOf(row, options);
        if (typeof told === "string") bad.add(file, number, told);
        else {
          facts.push(...told.facts);
          epcs.add(told.epc);
        }
      }
  }
  facts.sort((a, b) => a.at - b.at);
  const passages = facts.filter(({ type }) => type === "passed").length;
  const stays = facts.filter(({ type }) => type === "present").length;
  if (stays + passages === 0)
    throw E.EVALUATE_NO_TRUTH({ files: files.join(", "), why: bad.examples[0] ?? "there is no line" });
  return { facts, epcs, stays, passages };
}

function factsOf(
  row: Row<keyof typeof TRUTH_COLUMNS>,
  { timeUnit, roles }: { readonly timeUnit: TimeUnit; readonly roles: ReadonlyMap<string, "shelf" | "portal"> },
): { epc: string; facts: Fact[] } | string {
  const epc = epcOf(row.epc);
  if (epc === undefined) return `has the EPC ${shown(row.epc)}, which is not hex`;
  if (row.readPoint === undefined) return { epc, facts: [] };
  const readPoint = String(row.readPoint);
  const role = roles.get(readPoint);
  if (role === undefined) return `names ${shown(readPoint)}, which is no read point of the map`;
  const time = (cell: typeof row.at) => timeOf(cell, timeUnit);
  if (row.direction !== undefined) {
    const direction = row.direction === "in" || row.direction === "out" ? row.direction : undefined;
    if (direction === undefined) return `has the direction ${shown(row.direction)}; it can be in or out`;
    const at = time(row.at);
    if (at === undefined) return row.at === undefined ? "has no time" : `has the time ${shown(row.at)}, which is none`;
    return role === "portal"
      ? { epc, facts: [{ type: "passed", epc, readPoint, direction, at }] }
      : `is a passage at ${readPoint}, which is no portal`;
  }
  const from = time(row.from);
  const to = row.to === undefined ? Number.POSITIVE_INFINITY : time(row.to);
  if (from === undefined || to === undefined) return `has no time from which, or no time until which`;
  if (to < from) return "ends before it begins";
  if (role !== "shelf") return `is a stay at ${readPoint}, which is no shelf`;
  return {
    epc,
    facts: [
      { type: "present", epc, readPoint, at: from },
      ...(Number.isFinite(to) ? [{ type: "absent" as const, epc, readPoint, at: to }] : []),
    ],
  };
}
