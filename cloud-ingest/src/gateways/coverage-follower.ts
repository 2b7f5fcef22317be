import { isoMs } from "@storeward/runtime";
import type { Transaction } from "../database/index.js";
import type { Follower, JournalLog, JournalRow, Log } from "../journal/index.js";

interface Span {
  readonly n: number;
  readonly begun: Date;
  readonly from_at: Date;
  readonly to_at: Date | null;
}

/** The last spell of a read point. */
interface OpenSpan {
  readonly readPoint: string;
  readonly from: Date;
  to: Date | null;
  readonly state: string;
  readonly agent: string;
}

/** A spell as a row tells of it. */
interface Told extends OpenSpan {
  readonly why: string;
  readonly begun: Date;
  readonly epoch: string;
  readonly seq: number;
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

  async handle(tx: Transaction, rows: readonly JournalRow[]): Promise<void> {
    let told: Told[] = [];
    for (const row of rows) {
      told.push(...toldBy(row));
      if (row.body.type !== "redated") continue;
      await apply(tx, told);
      told = [];
      await redateSpans(tx, await this.#journal.redatedRows(tx, row.body));
    }
    await apply(tx, told);
  }
}

/** The spell that a row begins; none of a row that tells of something else. */
function toldBy(row: JournalRow): Told[] {
  const { agent, epoch, seq, body } = row;
  if (body.type !== "coverage") return [];
  const { readPoint, state, why } = body;
  const begun = begunAt(row);
  return [{ readPoint, from: begun, to: null, state, why, agent, begun, epoch, seq }];
}

/** Lets spells follow those that are open, in the order in which they are told. */
async function apply(tx: Transaction, told: readonly Told[]): Promise<void> {
  if (told.length === 0) return;
  const open = await openSpans(tx, [...new Set(told.map(({ readPoint }) => readPoint))]);
  const last = new Map<string, OpenSpan>(open);
  const fresh: Told[] = [];
  for (const span of told) {
    const before = last.get(span.readPoint);
    if (before?.state === span.state && before.agent === span.agent) continue;
    // A spell that tells of the past begins after what is known already.
    const from = before !== undefined && before.from > span.from ? before.from : span.from;
    // One that is over as it begins is kept: by a clock that is yet to come it may have been.
    if (before !== undefined) before.to = from;
    const next = { ...span, from };
    last.set(span.readPoint, next);
    fresh.push(next);
  }
  await close(tx, [...open.values()]);
  await add(tx, fresh);
}

/** By read point; held until the transaction ends, taken in one order. */
async function openSpans(tx: Transaction, readPoints: readonly string[]): Promise<Map<string, OpenSpan>> {
  const rows = await tx.query<OpenSpan>(
    `SELECT read_point AS "readPoint", from_at AS "from", NULL::timestamptz AS "to", state, agent FROM coverage_span
     WHERE read_point = ANY ($1) AND to_at IS NULL ORDER BY read_point FOR UPDATE`,
    [readPoints],
  );
  return new Map(rows.map((row) => [row.readPoint, row]));
}

/** Ends the spells that are over now. */
async function close(tx: Transaction, open: readonly OpenSpan[]): Promise<void> {
  const over = open.filter(({ to }) => to !== null);
  if (over.length === 0) return;
  await tx.query(
    `UPDATE coverage_span s SET to_at = n.at FROM unnest($1::text[], $2::timestamptz[]) AS n(read_point, at)
     WHERE s.read_point = n.read_point AND s.to_at IS NULL`,
    [over.map(({ readPoint }) => readPoint), over.map(({ to }) => to?.toISOString())],
  );
}

/** They are numbered in this order. */
async function add(tx: Transaction, spans: readonly Told[]): Promise<void> {
  if (spans.length === 0) return;
  await tx.query(
    `INSERT INTO coverage_span (read_point, from_at, to_at, state, why, agent, begun, epoch, seq)
     SELECT read_point, from_at, to_at, state, why, agent, begun, epoch, seq
     FROM unnest($1::text[], $2::timestamptz[], $3::timestamptz[], $4::text[], $5::text[], $6::text[], $7::timestamptz[], $8::text[], $9::int8[])
       WITH ORDINALITY AS n(read_point, from_at, to_at, state, why, agent, begun, epoch, seq, nth) ORDER BY nth`,
    [
      spans.map(({ readPoint }) => readPoint),
      spans.map(({ from }) => isoMs(from.getTime())),
      spans.map(({ to }) => to?.toISOString() ?? null),
      spans.map(({ state }) => state),
      spans.map(({ why }) => why),
      spans.map(({ agent }) => agent),
      spans.map(({ begun }) => isoMs(begun.getTime())),
      spans.map(({ epoch }) => epoch),
      spans.map(({ seq }) => seq),
    ],
  );
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
