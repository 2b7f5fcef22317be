import { arrayOf, columns, type Sql, type Transaction } from "../database/index.js";
import { bucketOf, type Span } from "./dirty.js";

/*
 * How many things are where at the end of a minute, without counting them: how many there are at the end of all time is one row a place and
 * kind, and what has come and gone since a minute is taken off again.
 */

/** A stay, and what it counts as. */
export interface Stay {
  readonly stay: string;
  readonly place: string;
  readonly kind: string;
  /** home: in or below where it belongs; away; none: it belongs nowhere. */
  readonly role: "home" | "away" | "none";
  readonly from: Date;
  readonly to: Date | null;
}

type Group = Pick<Stay, "place" | "kind" | "role">;

const DELTA = columns({ at: "timestamptz", place: "uuid", kind: "text", role: "text", items: "int8" });

/** Takes back what stays counted as before, and counts what they are now. */
export async function changeLevels(tx: Transaction, before: readonly Stay[], now: readonly Stay[]): Promise<void> {
  const deltas = new Map<string, Group & { at: Date; items: number }>();
  const add = ({ place, kind, role }: Stay, moment: Date, items: number): void => {
    const at = bucketOf(moment);
    const key = JSON.stringify([at.getTime(), place, kind, role]);
    const delta = deltas.get(key) ?? { at, place, kind, role, items: 0 };
    delta.items += items;
    deltas.set(key, delta);
  };
  const count = (stay: Stay, sign: number): void => {
    add(stay, stay.from, sign);
    if (stay.to !== null) add(stay, stay.to, -sign);
  };
  for (const stay of before) count(stay, -1);
  for (const stay of now) count(stay, 1);
  const changed = [...deltas.values()].filter(({ items }) => items !== 0);
  if (changed.length === 0) return;
  const values = [
    arrayOf("timestamptz", changed, ({ at }) => at),
    arrayOf("uuid", changed, ({ place }) => place),
    arrayOf("text", changed, ({ kind }) => kind),
    arrayOf("text", changed, ({ role }) => role),
    arrayOf("int8", changed, ({ items }) => items),
  ];
  // In one order everywhere: nobody waits in a circle.
  await tx.query(
    `INSERT INTO series_delta AS d SELECT * FROM (${DELTA.rows}) n ORDER BY 1, 2, 3, 4
     ON CONFLICT (at, place, kind, role) DO UPDATE SET items = d.items + excluded.items`,
    values,
  );
  await tx.query(
    `INSERT INTO series_level AS l (place, kind, role, items)
     SELECT place, kind, role, sum(items)::int8 FROM (${DELTA.rows}) n GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
     ON CONFLICT (place, kind, role) DO UPDATE SET items = l.items + excluded.items`,
    values,
  );
}

/** The minutes whose levels differ between the two. */
export function rangesOf(before: readonly Stay[], now: readonly Stay[]): Span[] {
  const was = new Map(before.map((stay) => [stay.stay, stay]));
  const is = new Map(now.map((stay) => [stay.stay, stay]));
  return [...new Set([...was.keys(), ...is.keys()])].flatMap((id) => differing(was.get(id), is.get(id)));
}

function differing(was: Stay | undefined, is: Stay | undefined): Span[] {
  const same =
    was !== undefined && is !== undefined && was.place === is.place && was.kind === is.kind && was.role === is.role;
  if (!same) return [was, is].flatMap((stay) => (stay === undefined ? [] : [{ from: stay.from, to: stay.to }]));
  const ranges: Span[] = [];
  const change = is.from.getTime() - was.from.getTime();
  if (change > 0) ranges.push({ from: was.from, to: is.from });
  if (change < 0) ranges.push({ from: is.from, to: was.from });
  if (was.to?.getTime() === is.to?.getTime()) return ranges;
  const ends = [was.to, is.to].flatMap((to) => to ?? []).sort((a, b) => a.getTime() - b.getTime());
  const [from] = ends;
  if (from !== undefined) ranges.push({ from, to: ends[1] ?? null });
  return ranges;
}

export interface Level extends Group {
  readonly at: Date;
  readonly items: number;
}

/** How many there are at the end of each of these minutes; of minutes that are not over nothing. Groups without any are left out. */
export async function levelsAt(sql: Sql, minutes: readonly Date[]): Promise<Level[]> {
  const sorted = [...minutes].sort((a, b) => a.getTime() - b.getTime());
  // Group n: what came and went after minute n (from 1) and not after the next. Minute n's own are part of what it ends with.
  const rows = await sql.query<Group & { nth: number; items: number; until: Date }>(
    `SELECT 0 AS nth, place, kind, role, items, s.at AS until FROM series_level CROSS JOIN series_sampled s
     UNION ALL
     SELECT width_bucket(d.at - interval '1 minute', $1::timestamptz[]), place, kind, role, sum(items)::int8, NULL
     FROM series_delta d WHERE d.at > $2::timestamptz GROUP BY 1, 2, 3, 4`,
    [sorted.map((at) => at.toISOString()), sorted[0]?.toISOString() ?? "infinity"],
  );
  const levels = new Map<string, Group & { items: number }>();
  const after = new Map<number, (Group & { items: number })[]>();
  let until = Number.NEGATIVE_INFINITY;
  for (const { nth, until: sampled, ...row } of rows) {
    if (nth === 0) {
      levels.set(groupKey(row), { ...row });
      until = Number(sampled);
    } else after.set(nth, [...(after.get(nth) ?? []), row]);
  }
  const found: Level[] = [];
  for (let nth = sorted.length; nth > 0; nth--) {
    for (const change of after.get(nth) ?? []) {
      const level = levels.get(groupKey(change));
      if (level !== undefined) level.items -= change.items;
    }
    const at = sorted[nth - 1];
    if (at === undefined || at.getTime() > until) continue;
    for (const { place, kind, role, items } of levels.values())
      if (items > 0) found.push({ at, place, kind, role, items });
  }
  return found;
}

function groupKey({ place, kind, role }: Group): string {
  return JSON.stringify([place, kind, role]);
}
