import type { Transaction } from "../database/index.js";
import { markDirty, markLevels } from "./dirty.js";
import { rangesOf, type Stay } from "./levels.js";
import { refillAll } from "./targets.js";

/** A row of one of the tables that points are made from, as it was and as it is now; times as text. */
export interface Repaired {
  readonly table: string;
  readonly key: Readonly<Record<string, string>>;
  readonly live: Readonly<Record<string, string | null>> | null;
  readonly rebuilt: Readonly<Record<string, string | null>> | null;
}

/** So many are marked minute by minute; where there are more, everything is written anew. */
const MOST = 10_000;

/** Has the minutes written anew that rows which were repaired belong to; `now` in milliseconds since 1970. */
export async function markRepaired(tx: Transaction, rows: readonly Repaired[], now: number): Promise<void> {
  if (rows.length === 0) return;
  // Of how many there are at the end of all time no minute is told.
  if (rows.length > MOST || rows.some(({ table }) => table === "series_level")) return refillAll(tx, now);
  const of = (table: string) => rows.filter((row) => row.table === table);
  const moments = (table: string, column: string) =>
    of(table).flatMap(({ live, rebuilt }) => [...datesIn(live?.[column]), ...datesIn(rebuilt?.[column])]);
  await markDirty(tx, {
    passages: moments("series_passage", "at"),
    detection: of("series_detection").flatMap(({ key }) => datesIn(key.at)),
    arrivals: moments("series_stay", "from_at"),
    dwell: moments("series_stay", "to_at"),
  });
  const stays = of("series_stay");
  const before = stays.flatMap(({ key, live }) => stayOf(key, live));
  const after = stays.flatMap(({ key, rebuilt }) => stayOf(key, rebuilt));
  const since = of("series_delta").flatMap(({ key }) => datesIn(key.at));
  await markLevels(tx, [...rangesOf(before, after), ...since.map((from) => ({ from, to: null }))]);
}

function datesIn(text: string | null | undefined): Date[] {
  return text == null ? [] : [new Date(text)];
}

function stayOf(key: Repaired["key"], row: Repaired["live"]): Stay[] {
  const [from] = datesIn(row?.from_at);
  if (row == null || from === undefined) return [];
  const { place, kind, role } = row;
  const [to = null] = datesIn(row.to_at);
  return [{ stay: key.stay ?? "", place: place ?? "", kind: kind ?? "", role: role as Stay["role"], from, to }];
}
