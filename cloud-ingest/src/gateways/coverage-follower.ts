import type { Transaction } from "../database/index.js";
import type { Follower, JournalRow, Log } from "../journal/index.js";

/** A spell of a read point. */
interface Span {
  readonly readPoint: string;
  readonly from: Date;
  readonly state: string;
  readonly why: string;
  readonly agent: string;
  to: Date | null;
}

/** Turns the journal's `coverage` rows into spells, one after the other for each read point. */
export class CoverageFollower implements Follower<JournalRow> {
  readonly name = "coverage";
  readonly log: Log<JournalRow>;

  constructor(log: Log<JournalRow>) {
    this.log = log;
  }

  async handle(tx: Transaction, rows: readonly JournalRow[]): Promise<void> {
    const told = rows.flatMap((row) => spanOf(row) ?? []);
    if (told.length === 0) return;
    const open = await openSpans(tx, [...new Set(told.map(({ readPoint }) => readPoint))]);
    const last = new Map(open);
    const replaced = new Set<Span>();
    const fresh: Span[] = [];
    for (const span of told) {
      const { readPoint } = span;
      const before = last.get(readPoint);
      if (before?.state === span.state && before.agent === span.agent) continue;
      // A spell that tells of the past begins after what is known already.
      const from = before !== undefined && before.from > span.from ? before.from : span.from;
      if (before !== undefined && before.from.getTime() === from.getTime()) replaced.add(before);
      else if (before !== undefined) before.to = from;
      const next = { ...span, from };
      last.set(readPoint, next);
      fresh.push(next);
    }
    await close(tx, [...open.values()], replaced);
    await add(
      tx,
      fresh.filter((span) => !replaced.has(span)),
    );
  }
}

/** The spell that a row begins; undefined for a row that tells of something else. */
function spanOf({ agent, observedAt, monoOffset, body }: JournalRow): Span | undefined {
  if (body.type !== "coverage") return undefined;
  const { readPoint, state, since, why } = body;
  // What was observed cannot have begun after it was observed.
  const from = new Date(Math.min(since + monoOffset, observedAt.getTime()));
  return { readPoint, from, state, why, agent, to: null };
}

/** By read point; held until the transaction ends, taken in one order. */
async function openSpans(tx: Transaction, readPoints: readonly string[]): Promise<Map<string, Span>> {
  const rows = await tx.query<Span>(
    `SELECT read_point AS "readPoint", from_at AS "from", state, why, agent, NULL::timestamptz AS "to" FROM coverage_span
     WHERE read_point = ANY ($1) AND to_at IS NULL ORDER BY read_point FOR UPDATE`,
    [readPoints],
  );
  return new Map(rows.map((row) => [row.readPoint, row]));
}

/** Ends spells that were open, and takes away those that others replace. */
async function close(tx: Transaction, open: readonly Span[], replaced: ReadonlySet<Span>): Promise<void> {
  const gone = open.filter((span) => replaced.has(span));
  if (gone.length > 0)
    await tx.query("DELETE FROM coverage_span WHERE read_point = ANY ($1) AND to_at IS NULL", [
      gone.map(({ readPoint }) => readPoint),
    ]);
  const over = open.filter((span) => span.to !== null && !replaced.has(span));
  if (over.length === 0) return;
  await tx.query(
    `UPDATE coverage_span s SET to_at = n.at FROM unnest($1::text[], $2::timestamptz[]) AS n(read_point, at)
     WHERE s.read_point = n.read_point AND s.to_at IS NULL`,
    [over.map(({ readPoint }) => readPoint), over.map(({ to }) => to?.toISOString())],
  );
}

async function add(tx: Transaction, spans: readonly Span[]): Promise<void> {
  if (spans.length === 0) return;
  await tx.query(
    `INSERT INTO coverage_span (read_point, from_at, to_at, state, why, agent)
     SELECT * FROM unnest($1::text[], $2::timestamptz[], $3::timestamptz[], $4::text[], $5::text[], $6::text[])`,
    [
      spans.map(({ readPoint }) => readPoint),
      spans.map(({ from }) => from.toISOString()),
      spans.map(({ to }) => to?.toISOString() ?? null),
      spans.map(({ state }) => state),
      spans.map(({ why }) => why),
      spans.map(({ agent }) => agent),
    ],
  );
}
