import { arrayOf, type Transaction } from "../database/index.js";
import type { Follower, JournalLog, JournalRow } from "../journal/index.js";
import { countDetection, redateDetection } from "./detection.js";
import { markDirty } from "./dirty.js";
import { type ReadPointTags, TagBook } from "./tags.js";

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
    const tags = await this.#tagsOf(tx, rows);
    const detection = await countDetection(tx, rows, tags);
    const passages = await countPassages(tx, rows, tags);
    for (const row of rows) {
      if (row.body.type !== "redated") continue;
      const moved = await this.log.redatedRows(tx, row.body);
      const names = await this.#tagsOf(tx, moved);
      passages.push(...(await redatePassages(tx, moved, names)));
      detection.push(...(await redateDetection(tx, row, row.body, moved, names)));
    }
    await markDirty(tx, { observations: recorded, delay: recorded, detection, passages });
  }

  #tagsOf(tx: Transaction, rows: readonly JournalRow[]): Promise<ReadPointTags> {
    const named = rows.flatMap(({ body }) =>
      "readPoint" in body && body.readPoint !== undefined ? [body.readPoint] : [],
    );
    return this.#readPoints.tags(tx, [...new Set(named)]);
  }
}

type Passage = Extract<JournalRow["body"], { type: "passed" }> & { readonly observedAt: Date };

function passagesIn(rows: readonly JournalRow[]): Passage[] {
  return rows.flatMap(({ body, observedAt }) => (body.type === "passed" ? [{ observedAt, ...body }] : []));
}

/** What went through when a clock had not told yet goes into the minute it belongs to; returns both moments of each. */
async function redatePassages(tx: Transaction, rows: readonly JournalRow[], tags: ReadPointTags): Promise<Date[]> {
  const passed = passagesIn(rows);
  if (passed.length === 0) return [];
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

/** The moments of passages that were not known. Of one that several rows tell of, the first counts. */
async function countPassages(tx: Transaction, rows: readonly JournalRow[], tags: ReadPointTags): Promise<Date[]> {
  const passed = passagesIn(rows);
  if (passed.length === 0) return [];
  const fresh = await tx.query<{ at: Date }>(
    `INSERT INTO series_passage (read_point, pass, direction, at)
     SELECT DISTINCT ON (1, 2) read_point, pass, direction, at
     FROM unnest($1::text[], $2::text[], $3::text[], $4::timestamptz[]) WITH ORDINALITY AS n(read_point, pass, direction, at, nth)
     ORDER BY 1, 2, nth ON CONFLICT DO NOTHING RETURNING at`,
    [
      arrayOf("text", passed, ({ readPoint }) => tags.get(readPoint) ?? readPoint),
      arrayOf("text", passed, ({ pass }) => pass),
      arrayOf("text", passed, ({ direction }) => direction),
      arrayOf("timestamptz", passed, ({ observedAt }) => observedAt),
    ],
  );
  return fresh.map(({ at }) => at);
}
