import type { Sql } from "../database/index.js";

/** Rows of one boot in one epoch of an agent; others may stand between them. */
export interface BootRows {
  readonly boot: string;
  readonly epoch: string;
  readonly from: number;
  readonly to: number;
}

/** A place in the agent's sequences. */
export interface Place {
  readonly epoch: string;
  readonly seq: number;
}

/** Notes rows that were dated without a clock, of each boot in each epoch once. */
export async function noteUndated(sql: Sql, rows: readonly (BootRows & { readonly agent: string })[]): Promise<void> {
  if (rows.length === 0) return;
  await sql.query(
    `INSERT INTO undated_rows AS u (agent, boot, epoch, from_seq, to_seq)
     SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::int8[], $5::int8[])
     ON CONFLICT (agent, boot, epoch) DO UPDATE
       SET from_seq = least(u.from_seq, excluded.from_seq), to_seq = greatest(u.to_seq, excluded.to_seq)`,
    [
      rows.map(({ agent }) => agent),
      rows.map(({ boot }) => boot),
      rows.map(({ epoch }) => epoch),
      rows.map(({ from }) => from),
      rows.map(({ to }) => to),
    ],
  );
}

/** Takes the note of a boot's rows away. */
export function takeUndated(sql: Sql, agent: string, boot: string): Promise<BootRows[]> {
  return sql.query(
    `DELETE FROM undated_rows WHERE agent = $1 AND boot = $2 RETURNING boot, epoch, from_seq AS from, to_seq AS to`,
    [agent, boot],
  );
}

/** Asks for rows to be dated by this offset: those dated without a clock, and those that a wrong one has dated. */
export async function addRedatings(
  sql: Sql,
  agent: string,
  offsetMs: number,
  { undated, wrong }: { readonly undated: readonly BootRows[]; readonly wrong: readonly BootRows[] },
): Promise<void> {
  const asked = [
    ...undated.map((rows) => ({ ...rows, every: false })),
    ...wrong.map((rows) => ({ ...rows, every: true })),
  ];
  for (const { boot, epoch, from, to, every } of asked)
    await sql.query(
      "INSERT INTO redating (agent, boot, epoch, next_seq, to_seq, offset_ms, every) VALUES ($1, $2, $3, $4, $5, $6, $7)",
      [agent, boot, epoch, from, to, offsetMs, every],
    );
}

/** The first of these places of an agent: epochs follow each other as they have come. */
export async function firstOf(sql: Sql, agent: string, places: readonly Place[]): Promise<Place | undefined> {
  const epochs = [...new Set(places.map(({ epoch }) => epoch))];
  const [first] =
    epochs.length < 2
      ? epochs
      : (await epochsFrom(sql, agent, "-infinity")).flatMap(({ epoch }) => (epochs.includes(epoch) ? [epoch] : []));
  const seqs = places.flatMap(({ epoch, seq }) => (epoch === first ? [seq] : []));
  return first === undefined ? undefined : { epoch: first, seq: Math.min(...seqs) };
}

/** Where rows of a boot may be from one place to before another; where the journal has forked between them, in several epochs. */
export async function rowsBetween(
  sql: Sql,
  { agent, boot, since, until }: { readonly agent: string; readonly boot: string } & Record<"since" | "until", Place>,
): Promise<BootRows[]> {
  const last = { boot, epoch: until.epoch, to: until.seq - 1 };
  if (since.epoch === until.epoch) return [{ ...last, from: since.seq }];
  const [begun] = await sql.query<{ at: Date }>(
    "SELECT created_at AS at FROM intake_cursor WHERE agent = $1 AND epoch = $2",
    [agent, since.epoch],
  );
  const others = (await epochsFrom(sql, agent, begun?.at ?? "infinity")).filter(({ epoch }) => epoch !== until.epoch);
  const rows = others.map(({ epoch, committed }) => ({
    boot,
    epoch,
    from: epoch === since.epoch ? since.seq : 1,
    to: committed,
  }));
  return [...rows, { ...last, from: 1 }].filter(({ from, to }) => from <= to);
}

/** An agent's epochs that were begun at a moment or later, in order. */
function epochsFrom(sql: Sql, agent: string, at: Date | string): Promise<{ epoch: string; committed: number }[]> {
  return sql.query(
    "SELECT epoch, committed FROM intake_cursor WHERE agent = $1 AND created_at >= $2 ORDER BY created_at, epoch",
    [agent, at],
  );
}
