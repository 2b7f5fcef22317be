import { arrayOf, columns, insertNew, type Sql, type Transaction } from "../database/index.js";
import type { SeqRange } from "../journal/index.js";
import { factText } from "./evidence-log.js";
import type { Fact } from "./fold/evidence.js";
import type { Sighting } from "./sighting.js";

/** A sighting with the item it counts for. */
export interface Attributed extends Sighting {
  readonly item: string | null;
}

const NAME = { tag: "int8", at: "timestamptz", agent: "text", epoch: "text", seq: "int8" } as const;
const SIGHTING = columns({
  ...NAME,
  item: "uuid",
  type: "text",
  read_point: "text",
  observed_at: "timestamptz",
  fact: "jsonb",
});
const SIGHTINGS = {
  insert: `INSERT INTO tag_sighting (${SIGHTING.names}) ${SIGHTING.rows}`,
  otherwise: "ON CONFLICT DO NOTHING",
};
const SAME_NAME = "s.tag = n.tag AND s.at = n.at AND s.agent = n.agent AND s.epoch = n.epoch AND s.seq = n.seq";

/**
 * Writes sightings down with their items. One that is there already stays as it is. By tag and time, as the key has them: neighbours go to the same
 * pages of the index.
 */
export async function keepSightings(tx: Transaction, some: readonly Attributed[]): Promise<void> {
  const sightings = some.toSorted((a, b) => a.tag - b.tag || a.at - b.at);
  await insertNew(tx, SIGHTINGS, sightings.length, [
    ...namesOf(sightings),
    arrayOf("uuid", sightings, ({ item }) => item),
    arrayOf("text", sightings, ({ type }) => type),
    arrayOf("text", sightings, ({ readPoint }) => readPoint),
    arrayOf("timestamptz", sightings, ({ observedAt }) => observedAt),
    arrayOf("jsonb", sightings, ({ fact }) => factText(fact)),
  ]);
}

/** What names a sighting, as columns: tag, time, agent, epoch and number. */
function namesOf(sightings: readonly Sighting[]): Buffer[] {
  return [
    arrayOf("int8", sightings, ({ tag }) => tag),
    arrayOf("timestamptz", sightings, ({ at }) => at),
    arrayOf("text", sightings, ({ agent }) => agent),
    arrayOf("text", sightings, ({ epoch }) => epoch),
    arrayOf("int8", sightings, ({ seq }) => seq),
  ];
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

const COLUMNS = "tag, at, agent, epoch, seq, item, type, read_point, observed_at, fact";

/** Every sighting of these tags, oldest first. */
export async function sightingsOfTags(sql: Sql, tags: readonly number[]): Promise<Attributed[]> {
  const rows = await sql.query<Stored>(
    `SELECT ${COLUMNS} FROM tag_sighting WHERE tag = ANY ($1) ORDER BY tag, at, agent, epoch, seq`,
    [tags],
  );
  return rows.map(attributedOf);
}

/** What these rows of an agent's sequence say of `tags`, which they name, and of tags that they miss; in the order of the rows. */
export async function sightingsOfRows(
  sql: Sql,
  { agent, epoch, from, to }: SeqRange,
  tags: readonly number[],
): Promise<Attributed[]> {
  const rows = await sql.query<Stored>(
    `SELECT ${COLUMNS} FROM tag_sighting
     WHERE tag = ANY ($5) AND agent = $1 AND epoch = $2 AND seq BETWEEN $3 AND $4 AND fact ->> 'kind' <> 'missed'
     UNION ALL
     SELECT ${COLUMNS} FROM tag_sighting
     WHERE agent = $1 AND epoch = $2 AND seq BETWEEN $3 AND $4 AND fact ->> 'kind' = 'missed'
     ORDER BY seq, tag, at`,
    [agent, epoch, from, to, tags],
  );
  return rows.map(attributedOf);
}

/** When the agent last had each of these tags on a shelf, or no longer, by its words before row `from`; ms since 1970. */
export async function lastWordsBefore(
  sql: Sql,
  { agent, epoch, from }: SeqRange,
  tags: readonly number[],
): Promise<Map<number, number>> {
  const rows = await sql.query<{ tag: number; at: Date }>(
    `SELECT tag, max(at) AS at FROM tag_sighting
     WHERE tag = ANY ($4) AND agent = $1 AND epoch = $2 AND seq < $3 AND ${IS_WORD} GROUP BY tag`,
    [agent, epoch, from, tags],
  );
  return new Map(rows.map(({ tag, at }) => [tag, at.getTime()]));
}

/** What an agent said of these tags on shelves after row `from`, in its order. */
export async function wordsAfter(
  sql: Sql,
  { agent, epoch, from }: SeqRange,
  tags: readonly number[],
): Promise<Attributed[]> {
  const rows = await sql.query<Stored>(
    `SELECT ${COLUMNS} FROM tag_sighting
     WHERE tag = ANY ($4) AND agent = $1 AND epoch = $2 AND seq > $3 AND ${IS_WORD} ORDER BY seq, tag`,
    [agent, epoch, from, tags],
  );
  return rows.map(attributedOf);
}

/** What an agent said of a shelf itself, and not what was said again when a tag was bound. */
export const IS_WORD = "fact ->> 'kind' IN ('present', 'gone') AND at <= observed_at + interval '1 ms'";

/** Takes sightings away. */
export async function dropSightings(tx: Transaction, sightings: readonly Sighting[]): Promise<void> {
  if (sightings.length === 0) return;
  await tx.query(`DELETE FROM tag_sighting s USING (${columns(NAME).rows}) n WHERE ${SAME_NAME}`, namesOf(sightings));
}

function attributedOf({ at, read_point, observed_at, ...rest }: Stored): Attributed {
  return { ...rest, at: at.getTime(), readPoint: read_point, observedAt: observed_at.getTime() };
}

/** Changes the items that sightings count for. */
export async function attribute(tx: Transaction, sightings: readonly Attributed[]): Promise<void> {
  if (sightings.length === 0) return;
  await tx.query(
    `UPDATE tag_sighting s SET item = n.item FROM (${columns({ ...NAME, item: "uuid" }).rows}) n WHERE ${SAME_NAME}`,
    [...namesOf(sightings), arrayOf("uuid", sightings, ({ item }) => item)],
  );
}
