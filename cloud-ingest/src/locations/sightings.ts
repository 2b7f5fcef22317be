import { isoMs } from "@storeward/runtime";
import type { Sql, Transaction } from "../database/index.js";
import type { Fact } from "./fold/evidence.js";
import type { Sighting } from "./sighting.js";

/** A sighting with the item it counts for. */
export interface Attributed extends Sighting {
  readonly item: string | null;
}

/** Writes sightings down with their items. One that is there already stays as it is. */
export async function keepSightings(tx: Transaction, sightings: readonly Attributed[]): Promise<void> {
  if (sightings.length === 0) return;
  const column = <T>(get: (sighting: Attributed) => T): T[] => sightings.map(get);
  await tx.query(
    `INSERT INTO tag_sighting (tag, at, agent, epoch, seq, item, type, read_point, observed_at, fact)
     SELECT * FROM unnest($1::int8[], $2::timestamptz[], $3::text[], $4::text[], $5::int8[], $6::uuid[], $7::text[], $8::text[],
       $9::timestamptz[], $10::jsonb[])
     ON CONFLICT DO NOTHING`,
    [
      column(({ tag }) => tag),
      column(({ at }) => isoMs(at)),
      column(({ agent }) => agent),
      column(({ epoch }) => epoch),
      column(({ seq }) => seq),
      column(({ item }) => item),
      column(({ type }) => type),
      column(({ readPoint }) => readPoint),
      column(({ observedAt }) => isoMs(observedAt)),
      column(({ fact }) => JSON.stringify(fact)),
    ],
  );
}

interface Stored {
  tag: number;
  at: Date;
  agent: string;
  epoch: string;
  seq: number;
  item: string | null;
  type: Sighting["type"];
  read_point: string;
  observed_at: Date;
  fact: Fact;
}

/** Every sighting of these tags, oldest first. */
export async function sightingsOfTags(sql: Sql, tags: readonly number[]): Promise<Attributed[]> {
  const rows = await sql.query<Stored>(
    `SELECT tag, at, agent, epoch, seq, item, type, read_point, observed_at, fact FROM tag_sighting
     WHERE tag = ANY ($1) ORDER BY tag, at, agent, epoch, seq`,
    [tags],
  );
  return rows.map(({ at, read_point, observed_at, ...rest }) => ({
    ...rest,
    at: at.getTime(),
    readPoint: read_point,
    observedAt: observed_at.getTime(),
  }));
}

/** Changes the items that sightings count for. */
export async function attribute(tx: Transaction, sightings: readonly Attributed[]): Promise<void> {
  if (sightings.length === 0) return;
  const column = <T>(get: (sighting: Attributed) => T): T[] => sightings.map(get);
  await tx.query(
    `UPDATE tag_sighting s SET item = n.item
     FROM unnest($1::int8[], $2::timestamptz[], $3::text[], $4::text[], $5::int8[], $6::uuid[]) AS n(tag, at, agent, epoch, seq, item)
     WHERE s.tag = n.tag AND s.at = n.at AND s.agent = n.agent AND s.epoch = n.epoch AND s.seq = n.seq`,
    [
      column(({ tag }) => tag),
      column(({ at }) => isoMs(at)),
      column(({ agent }) => agent),
      column(({ epoch }) => epoch),
      column(({ seq }) => seq),
      column(({ item }) => item),
    ],
  );
}

/** Takes sightings away. */
export async function dropSightings(tx: Transaction, sightings: readonly Sighting[]): Promise<void> {
  if (sightings.length === 0) return;
  const column = <T>(get: (sighting: Sighting) => T): T[] => sightings.map(get);
  await tx.query(
    `DELETE FROM tag_sighting s USING unnest($1::int8[], $2::timestamptz[], $3::text[], $4::text[], $5::int8[]) AS n(tag, at, agent, epoch, seq)
     WHERE s.tag = n.tag AND s.at = n.at AND s.agent = n.agent AND s.epoch = n.epoch AND s.seq = n.seq`,
    [
      column(({ tag }) => tag),
      column(({ at }) => isoMs(at)),
      column(({ agent }) => agent),
      column(({ epoch }) => epoch),
      column(({ seq }) => seq),
    ],
  );
}
