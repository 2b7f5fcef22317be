import { isoMs } from "@storeward/runtime";
import type { Transaction } from "../database/index.js";
import type { Follower, JournalLog, JournalRow, Log } from "../journal/index.js";

interface Span {
  readonly n: number;
  readonly begun: Date;
  readonly from_at: Date;
  readonly to_at: Date | null;
}

interface OpenSpan {
  from_at: Date;
  state: string;
  agent: string;
}

/** Turns the journal's `coverage` rows into spells, one after the other for each read point. */
export class CoverageFollower implements Follower<JournalRow> {
  readonly name = "coverage";
  readonly log: Log<JournalRow>;
  readonly #journal: JournalLog;

  constructor(journal: JournalLog) {
    this.log = journal;
    this.#journal = journal;
  }

  async handle(tx: Transaction, _partition: number, rows: readonly JournalRow[]): Promise<void> {
    for (const row of rows)
      if (row.body.type === "coverage") await this.#apply(tx, row);
      else if (row.body.type === "redated") await redateSpans(tx, await this.#journal.redatedRows(tx, row.body));
  }

  async #apply(tx: Transaction, row: JournalRow): Promise<void> {
    const { agent, epoch, seq, body } = row;
    if (body.type !== "coverage") return;
    const { readPoint, state, why } = body;
    const begun = begunAt(row);
    const [open] = await tx.query<OpenSpan>(
      "SELECT from_at, state, agent FROM coverage_span WHERE read_point = $1 AND to_at IS NULL FOR UPDATE",
      [readPoint],
    );
    if (open?.state === state && open.agent === agent) return;
    // A spell that tells of the past begins after what is known already.
    const from = open !== undefined && open.from_at > begun ? open.from_at : begun;
    // One that is over as it begins is kept: by a clock that is yet to come it may have been.
    await tx.query("UPDATE coverage_span SET to_at = $2 WHERE read_point = $1 AND to_at IS NULL", [readPoint, from]);
    await tx.query(
      `INSERT INTO coverage_span (read_point, from_at, state, why, agent, begun, epoch, seq)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
      [readPoint, from, state, why, agent, begun, epoch, seq],
    );
  }
}

/** What was observed cannot have begun after it was observed. */
function begunAt({ observedAt, monoOffset, body }: JournalRow): Date {
  return new Date(body.type === "coverage" ? Math.min(body.since + monoOffset, observedAt.getTime()) : observedAt);
}

/** Moves the beginnings of the spells that these rows opened, and the spells after them accordingly. */
async function redateSpans(tx: Transaction, rows: readonly JournalRow[]): Promise<void> {
  const told = rows.filter(({ body }) => body.type === "coverage");
  if (told.length === 0) return;
  const moved = await tx.query<{ read_point: string; n: number }>(
    `UPDATE coverage_span s SET begun = r.begun
     FROM unnest($1::text[], $2::text[], $3::int8[], $4::timestamptz[]) AS r(agent, epoch, seq, begun)
     WHERE s.agent = r.agent AND s.epoch = r.epoch AND s.seq = r.seq RETURNING s.read_point, s.n`,
    [
      told.map(({ agent }) => agent),
      told.map(({ epoch }) => epoch),
      told.map(({ seq }) => seq),
      told.map((row) => isoMs(begunAt(row).getTime())),
    ],
  );
  const first = new Map<string, number>();
  for (const { read_point, n } of moved) first.set(read_point, Math.min(n, first.get(read_point) ?? n));
  for (const [readPoint, n] of [...first].sort()) await follow(tx, readPoint, n);
}

/** Lets the spells of a read point follow each other again, from the one before spell `first` on. */
async function follow(tx: Transaction, readPoint: string, first: number): Promise<void> {
  const spans = await tx.query<Span>(
    `SELECT n, begun, from_at, to_at FROM coverage_span WHERE read_point = $1
     AND n >= coalesce((SELECT max(n) FROM coverage_span WHERE read_point = $1 AND n < $2), $2) ORDER BY n FOR UPDATE`,
    [readPoint, first],
  );
  const starts: Date[] = [];
  for (const span of spans) {
    const start = span.n < first ? span.from_at : span.begun;
    const before = starts.at(-1);
    starts.push(before !== undefined && before > start ? before : start);
  }
  await tx.query(
    `UPDATE coverage_span s SET from_at = r.from_at, to_at = r.to_at
     FROM unnest($1::int8[], $2::timestamptz[], $3::timestamptz[]) AS r(n, from_at, to_at) WHERE s.n = r.n`,
    [
      spans.map(({ n }) => n),
      starts.map((at) => isoMs(at.getTime())),
      starts.map((_, i) => starts[i + 1]?.toISOString() ?? null),
    ],
  );
}
