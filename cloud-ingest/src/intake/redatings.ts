import type { Sql } from "../database/index.js";

/** Rows of one boot in one epoch of an agent; others may stand between them. */
export interface BootRows {
  readonly boot: string;
  readonly epoch: string;
  readonly from: number;
  readonly to: number;
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
