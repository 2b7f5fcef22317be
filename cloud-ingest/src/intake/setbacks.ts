import type { Lost } from "@storeward/contracts";
import type { Sql } from "../database/index.js";
import { storable } from "./storable.js";

interface At {
  readonly agent: string;
  readonly epoch: string;
  readonly now: Date;
}

/** What the agent has lost for good. */
export async function writeGaps(sql: Sql, { agent, epoch, now }: At, gaps: readonly Lost[]): Promise<void> {
  if (gaps.length === 0) return;
  await sql.query(
    `INSERT INTO declared_gap (agent, epoch, from_seq, to_seq, why, types, recorded_at)
     SELECT $1, $2, f, t, w, y, $7 FROM unnest($3::int8[], $4::int8[], $5::text[], $6::jsonb[]) AS r(f, t, w, y)`,
    [
      agent,
      epoch,
      gaps.map(({ from }) => from),
      gaps.map(({ to }) => to),
      gaps.map(({ why }) => storable(why)),
      gaps.map(({ types }) => storableTypes(types)),
      now,
    ],
  );
}

function storableTypes(types: Lost["types"]): string {
  return JSON.stringify(Object.fromEntries(Object.entries(types).map(([type, count]) => [storable(type), count])));
}

/** What could not be understood, byte for byte, for a later release to read. */
export async function writeQuarantine(
  sql: Sql,
  { agent, epoch, now }: At,
  rows: readonly {
    readonly seq: number;
    readonly chain: string | undefined;
    readonly body: Buffer;
    readonly error: string;
  }[],
): Promise<void> {
  if (rows.length === 0) return;
  await sql.query(
    `INSERT INTO quarantine (agent, epoch, seq, body, error, recorded_at, chain)
     SELECT $1, $2, s, b, e, $6, c FROM unnest($3::int8[], $4::bytea[], $5::text[], $7::text[]) AS r(s, b, e, c)`,
    [
      agent,
      epoch,
      rows.map(({ seq }) => seq),
      rows.map(({ body }) => `\\x${body.toString("hex")}`),
      rows.map(({ error }) => storable(error).slice(0, 1000)),
      now,
      rows.map(({ chain }) => chain ?? null),
    ],
  );
}
