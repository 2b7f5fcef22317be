import type { ObservationRef } from "@storeward/contracts";
import { isoMs } from "@storeward/runtime";
import { arrayOf, type Sql } from "../database/index.js";
import type { Evidence, Fact } from "./fold/evidence.js";

interface Stored {
  item: string;
  at: Date;
  agent: string;
  epoch: string;
  seq: number;
  tag: number;
  fact: Fact;
}

/**
 * All evidence of each item from a moment on, unordered: the sightings that count for it. Some of it may not have come by the log yet; when it
 * does, it is folded again to the same.
 */
export async function evidenceSince(
  sql: Sql,
  items: readonly { readonly item: string; readonly from: number | null }[],
): Promise<Map<string, Evidence[]>> {
  const found = new Map<string, Evidence[]>(items.map(({ item }) => [item, []]));
  if (items.length === 0) return found;
  // Item by item, by the index, whatever the planner thinks of how many there are.
  const rows = await sql.query<Stored>(
    `SELECT e.* FROM unnest($1::uuid[], $2::timestamptz[]) AS n(of, since) CROSS JOIN LATERAL (
       SELECT item, at, agent, epoch, seq, tag, fact FROM tag_sighting
       WHERE item = n.of AND at >= coalesce(n.since, '-infinity') OFFSET 0
     ) e`,
    [arrayOf("uuid", items, ({ item }) => item), arrayOf("timestamptz", items, ({ from }) => from)],
  );
  for (const { item, at, ...rest } of rows) found.get(item)?.push({ ...rest, at: at.getTime() });
  return found;
}

/** The same up to a moment, at most `limit` of it: the latest. */
export async function evidenceBetween(
  sql: Sql,
  {
    item,
    from,
    to,
    limit,
  }: { readonly item: string; readonly from: number | null; readonly to: number; readonly limit: number },
): Promise<(Evidence & { readonly type: ObservationRef["type"]; readonly observedAt: Date })[]> {
  const rows = await sql.query<Stored & { type: ObservationRef["type"]; observed_at: Date }>(
    `SELECT item, at, agent, epoch, seq, tag, fact, type, observed_at FROM tag_sighting
     WHERE item = $1 AND at >= coalesce($2::timestamptz, '-infinity') AND at <= $3 ORDER BY at DESC, agent DESC, epoch DESC, seq DESC LIMIT $4`,
    [item, from === null ? null : isoMs(from), isoMs(to), limit],
  );
  return rows.map(({ item: _, at, observed_at, ...rest }) => ({ ...rest, at: at.getTime(), observedAt: observed_at }));
}
