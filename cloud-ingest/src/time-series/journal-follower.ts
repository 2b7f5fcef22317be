import { arrayOf, type Transaction } from "../database/index.js";
import type { Follower, JournalLog, JournalRow } from "../journal/index.js";
import { bucketOf, markDirty } from "./dirty.js";
import { TagBook } from "./tags.js";

/** Counts what went through portals and how well tags were read, and marks the minutes of that and of what was journaled. */
export class SeriesFollower implements Follower<JournalRow> {
  readonly name = "series";
  readonly log: JournalLog;
  readonly #readPoints = new TagBook("read_point");

  constructor({ journal }: { readonly journal: JournalLog }) {
    this.log = journal;
  }

  async handle(tx: Transaction, rows: readonly JournalRow[]): Promise<void> {
    const recorded = rows.map(({ recordedAt }) => recordedAt);
    const named = rows.flatMap(({ body }) =>
      "readPoint" in body && body.readPoint !== undefined ? [body.readPoint] : [],
    );
    const tags = await this.#readPoints.tags(tx, [...new Set(named)]);
    const detection = await countDetection(tx, rows, tags);
    const passages = await countPassages(tx, rows, tags);
    for (const { body } of rows)
      if (body.type === "redated") passages.push(...(await this.#redate(tx, await this.log.redatedRows(tx, body))));
    await markDirty(tx, { observations: recorded, delay: recorded, detection, passages });
  }

  async #redate(tx: Transaction, rows: readonly JournalRow[]): Promise<Date[]> {
    const passed = passagesIn(rows);
    if (passed.length === 0) return [];
    const tags = await this.#readPoints.tags(tx, [...new Set(passed.map(({ readPoint }) => readPoint))]);
    return redatePassages(tx, passed, tags);
  }
}

/** Read points as they are tags. */
type Tags = ReadonlyMap<string, string>;

type Passage = Extract<JournalRow["body"], { type: "passed" }> & { readonly observedAt: Date };

function passagesIn(rows: readonly JournalRow[]): Passage[] {
  return rows.flatMap(({ body, observedAt }) => (body.type === "passed" ? [{ ...body, observedAt }] : []));
}

/** What went through when a clock had not told yet goes into the minute it belongs to; returns both moments of each. */
async function redatePassages(tx: Transaction, passed: readonly Passage[], tags: Tags): Promise<Date[]> {
  const moved = await tx.query<{ was: Date; at: Date }>(
    `WITH n AS (
       SELECT read_point, pass, min(at) AS at FROM unnest($1::text[], $2::text[], $3::timestamptz[]) AS r(read_point, pass, at)
       GROUP BY 1, 2
     ), old AS (
       SELECT p.read_point, p.pass, p.at FROM series_passage p JOIN n USING (read_point, pass) ORDER BY 1, 2 FOR UPDATE OF p
     )
     UPDATE series_passage p SET at = n.at FROM n JOIN old USING (read_point, pass)
     WHERE p.read_point = n.read_point AND p.pass = n.pass RETURNING old.at AS was, p.at`,
    [
      passed.map(({ readPoint }) => tags.get(readPoint) ?? readPoint),
      passed.map(({ pass }) => pass),
      passed.map(({ observedAt }) => observedAt.toISOString()),
    ],
  );
  return moved.flatMap(({ was, at }) => [was, at]);
}

/** The moments of passages that were not known. */
async function countPassages(tx: Transaction, rows: readonly JournalRow[], tags: Tags): Promise<Date[]> {
  const passed = passagesIn(rows);
  if (passed.length === 0) return [];
  const fresh = await tx.query<{ at: Date }>(
    `INSERT INTO series_passage (read_point, pass, direction, at)
     SELECT DISTINCT ON (1, 2) * FROM unnest($1::text[], $2::text[], $3::text[], $4::timestamptz[]) AS n(read_point, pass, direction, at)
     ORDER BY 1, 2 ON CONFLICT DO NOTHING RETURNING at`,
    [
      arrayOf("text", passed, ({ readPoint }) => tags.get(readPoint) ?? readPoint),
      arrayOf("text", passed, ({ pass }) => pass),
      arrayOf("text", passed, ({ direction }) => direction),
      arrayOf("timestamptz", passed, ({ observedAt }) => observedAt),
    ],
  );
  return fresh.map(({ at }) => at);
}

/** Adds the chances and reads that rows on shelves tell of; returns their moments. */
async function countDetection(tx: Transaction, rows: readonly JournalRow[], tags: Tags): Promise<Date[]> {
  const counts = new Map<string, { at: Date; readPoint: string; rounds: number; reads: number }>();
  for (const { body, observedAt } of rows) {
    const strengths =
      body.type === "arrived" || body.type === "seen"
        ? [body.strength]
        : body.type === "inventoried"
          ? body.tags.map(({ strength }) => strength)
          : [];
    if (strengths.length === 0 || !("readPoint" in body) || body.readPoint === undefined) continue;
    const readPoint = tags.get(body.readPoint) ?? body.readPoint;
    const at = bucketOf(observedAt);
    const key = `${at.getTime()} ${readPoint}`;
    const count = counts.get(key) ?? { at, readPoint, rounds: 0, reads: 0 };
    for (const { rounds, reads } of strengths) {
      count.rounds += rounds;
      count.reads += Math.min(reads, rounds);
    }
    counts.set(key, count);
  }
  const found = [...counts.values()].filter(({ rounds }) => rounds > 0);
  if (found.length === 0) return [];
  await tx.query(
    `INSERT INTO series_detection AS d (at, read_point, rounds, reads)
     SELECT * FROM unnest($1::timestamptz[], $2::text[], $3::int8[], $4::int8[]) AS n(at, read_point, rounds, reads) ORDER BY 1, 2
     ON CONFLICT (at, read_point) DO UPDATE SET rounds = d.rounds + excluded.rounds, reads = d.reads + excluded.reads`,
    [
      arrayOf("timestamptz", found, ({ at }) => at),
      arrayOf("text", found, ({ readPoint }) => readPoint),
      arrayOf("int8", found, ({ rounds }) => rounds),
      arrayOf("int8", found, ({ reads }) => reads),
    ],
  );
  return found.map(({ at }) => at);
}
