import { isoMs } from "@storeward/runtime";
import type { Sql, Transaction } from "../database/index.js";
import type { EvidenceBody } from "./evidence-log.js";
import type { Evidence, Fact } from "./fold/evidence.js";

/** Makes the kept evidence what these say: in their order, the last word on each piece counts. */
export async function keepEvidence(tx: Transaction, bodies: readonly EvidenceBody[]): Promise<void> {
  const last = new Map<string, EvidenceBody>();
  for (const body of bodies)
    last.set(`${body.item} ${body.at} ${body.agent} ${body.epoch} ${body.seq} ${body.tag}`, body);
  const withdrawn = [...last.values()].filter((body) => body.withdrawn === true);
  const counting = [...last.values()].filter((body) => body.withdrawn !== true);
  const keys = (some: readonly EvidenceBody[]) => [
    some.map(({ item }) => item),
    some.map(({ at }) => isoMs(at)),
    some.map(({ agent }) => agent),
    some.map(({ epoch }) => epoch),
    some.map(({ seq }) => seq),
    some.map(({ tag }) => tag),
  ];
  if (withdrawn.length > 0)
    await tx.query(
      `DELETE FROM item_evidence e
       USING unnest($1::uuid[], $2::timestamptz[], $3::text[], $4::text[], $5::int8[], $6::int8[]) AS n(item, at, agent, epoch, seq, tag)
       WHERE e.item = n.item AND e.at = n.at AND e.agent = n.agent AND e.epoch = n.epoch AND e.seq = n.seq AND e.tag = n.tag`,
      keys(withdrawn),
    );
  if (counting.length === 0) return;
  await tx.query(
    `INSERT INTO item_evidence (item, at, agent, epoch, seq, tag, type, read_point, observed_at, fact)
     SELECT * FROM unnest($1::uuid[], $2::timestamptz[], $3::text[], $4::text[], $5::int8[], $6::int8[], $7::text[], $8::text[],
       $9::timestamptz[], $10::jsonb[])
     ON CONFLICT DO NOTHING`,
    [
      ...keys(counting),
      counting.map(({ type }) => type),
      counting.map(({ readPoint }) => readPoint),
      counting.map(({ observedAt }) => isoMs(observedAt)),
      counting.map(({ fact }) => JSON.stringify(fact)),
    ],
  );
}

interface Stored {
  item: string;
  at: Date;
  agent: string;
  epoch: string;
  seq: number;
  tag: number;
  fact: Fact;
}

/** All evidence of each item from a moment on, unordered. */
export async function evidenceSince(
  sql: Sql,
  items: readonly { readonly item: string; readonly from: number | null }[],
): Promise<Map<string, Evidence[]>> {
  const found = new Map<string, Evidence[]>(items.map(({ item }) => [item, []]));
  if (items.length === 0) return found;
  const rows = await sql.query<Stored>(
    `SELECT e.item, e.at, e.agent, e.epoch, e.seq, e.tag, e.fact
     FROM unnest($1::uuid[], $2::timestamptz[]) AS n(item, since)
     JOIN item_evidence e ON e.item = n.item AND e.at >= coalesce(n.since, '-infinity')`,
    [items.map(({ item }) => item), items.map(({ from }) => (from === null ? null : isoMs(from)))],
  );
  for (const { item, at, ...rest } of rows) found.get(item)?.push({ ...rest, at: at.getTime() });
  return found;
}
