import { arrayOf, type Transaction } from "../database/index.js";
import { clampedDate, type JournalRow, type Redated, type RedatedRow } from "../journal/index.js";
import { bucketOf } from "./dirty.js";
import type { ReadPointTags } from "./tags.js";

/** Chances to read, and reads, of a read point in a minute: more or less of them. */
interface Count {
  readonly at: Date;
  readonly readPoint: string;
  rounds: number;
  reads: number;
}

/** Adds the chances and reads that rows on shelves tell of; returns their moments. */
export async function countDetection(
  tx: Transaction,
  rows: readonly JournalRow[],
  tags: ReadPointTags,
): Promise<Date[]> {
  const counts = new Counts(tags);
  for (const row of rows) counts.add(row, row.observedAt, 1);
  return add(tx, counts.found());
}

/**
 * Takes the chances and reads of rows that a clock dates anew from the minutes they were counted in to those they belong to; returns both. Which those
 * were tells the redating before this one that named the row, if there was any: `redating` is remembered for the next.
 */
export async function redateDetection(
  tx: Transaction,
  { partition, pos, recordedAt }: JournalRow,
  redating: Redated,
  rows: readonly RedatedRow[],
  tags: ReadPointTags,
): Promise<Date[]> {
  const earlier = await tx.query<{ from: number; to: number; offset: number }>(
    `SELECT from_seq AS "from", to_seq AS "to", offset_ms AS "offset" FROM series_redated
     WHERE agent = $1 AND epoch = $2 AND boot = $3 AND from_seq <= $5 AND to_seq >= $4 ORDER BY pos`,
    [redating.agent, redating.epoch, redating.boot, redating.from, redating.to],
  );
  await tx.query(
    `INSERT INTO series_redated (partition, pos, at, agent, epoch, boot, from_seq, to_seq, offset_ms)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING`,
    [
      partition,
      pos,
      recordedAt.toISOString(),
      redating.agent,
      redating.epoch,
      redating.boot,
      redating.from,
      redating.to,
      redating.offsetMs,
    ],
  );
  const countedAt = (row: RedatedRow): Date => {
    const last = earlier.findLast(({ from, to }) => from <= row.seq && row.seq <= to);
    if (last === undefined || !("at" in row.body)) return row.was;
    return clampedDate(row.body.at.mono, last.offset, row.recordedAt.getTime()).at;
  };
  const counts = new Counts(tags);
  for (const row of rows) {
    counts.add(row, countedAt(row), -1);
    counts.add(row, row.observedAt, 1);
  }
  return add(tx, counts.found());
}

class Counts {
  readonly #tags: ReadPointTags;
  readonly #counts = new Map<string, Count>();

  constructor(tags: ReadPointTags) {
    this.#tags = tags;
  }

  /** What a row on a shelf tells of, at a moment; `times` -1: no longer. */
  add({ body }: JournalRow, moment: Date, times: 1 | -1): void {
    const strengths = strengthsOf(body);
    if (strengths.length === 0 || !("readPoint" in body) || body.readPoint === undefined) return;
    const readPoint = this.#tags.get(body.readPoint) ?? body.readPoint;
    const at = bucketOf(moment);
    const key = `${at.getTime()} ${readPoint}`;
    const count = this.#counts.get(key) ?? { at, readPoint, rounds: 0, reads: 0 };
    for (const { rounds, reads } of strengths) {
      count.rounds += times * rounds;
      count.reads += times * Math.min(reads, rounds);
    }
    this.#counts.set(key, count);
  }

  found(): Count[] {
    return [...this.#counts.values()].filter(({ rounds, reads }) => rounds !== 0 || reads !== 0);
  }
}

function strengthsOf(body: JournalRow["body"]): readonly { readonly rounds: number; readonly reads: number }[] {
  switch (body.type) {
    case "arrived":
    case "seen":
      return [body.strength];
    case "inventoried":
      return body.tags.map(({ strength }) => strength);
    default:
      return [];
  }
}

/** A minute in which there was nothing after all has no row. */
async function add(tx: Transaction, counts: readonly Count[]): Promise<Date[]> {
  if (counts.length === 0) return [];
  const columns = [
    arrayOf("timestamptz", counts, ({ at }) => at),
    arrayOf("text", counts, ({ readPoint }) => readPoint),
    arrayOf("int8", counts, ({ rounds }) => rounds),
    arrayOf("int8", counts, ({ reads }) => reads),
  ];
  await tx.query(
    `INSERT INTO series_detection AS d (at, read_point, rounds, reads)
     SELECT * FROM unnest($1::timestamptz[], $2::text[], $3::int8[], $4::int8[]) AS n(at, read_point, rounds, reads) ORDER BY 1, 2
     ON CONFLICT (at, read_point) DO UPDATE SET rounds = d.rounds + excluded.rounds, reads = d.reads + excluded.reads`,
    columns,
  );
  if (counts.some(({ rounds }) => rounds < 0))
    await tx.query(
      `DELETE FROM series_detection d USING unnest($1::timestamptz[], $2::text[]) AS n(at, read_point)
       WHERE d.at = n.at AND d.read_point = n.read_point AND d.rounds <= 0`,
      columns.slice(0, 2),
    );
  return counts.map(({ at }) => at);
}
