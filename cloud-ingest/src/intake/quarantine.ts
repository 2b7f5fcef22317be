import type { Sql } from "../database/index.js";

/** Where a row stands in an agent's sequence. */
export interface QuarantinedAt {
  readonly agent: string;
  readonly epoch: string;
  readonly seq: number;
}

export interface QuarantinedRow extends QuarantinedAt {
  /** Why it was not understood, by the release that tried last. */
  readonly error: string;
  readonly recordedAt: Date;
  readonly bytes: number;
  /** When a later release took it into the journal. */
  readonly retakenAt: Date | null;
}

const COLUMNS = `agent, epoch, seq, error, recorded_at AS "recordedAt", length(body) AS bytes, retaken_at AS "retakenAt"`;

export interface QuarantineQuery {
  readonly agent?: string | undefined;
  /** The last row of the page before. */
  readonly after?: QuarantinedAt | undefined;
  readonly limit: number;
  /** Also those that were taken in since. */
  readonly retaken?: boolean | undefined;
}

/** Rows that could not be understood, by their places. */
export function quarantined(
  sql: Sql,
  { agent, after, limit, retaken = false }: QuarantineQuery,
): Promise<QuarantinedRow[]> {
  return sql.query<QuarantinedRow>(
    `SELECT ${COLUMNS} FROM quarantine
     WHERE ($1::text IS NULL OR agent = $1) AND ($2 OR retaken_at IS NULL)
       AND ($3::text IS NULL OR (agent, epoch, seq) > ($3, $4, $5::int8))
     ORDER BY agent, epoch, seq LIMIT $6`,
    [agent ?? null, retaken, after?.agent ?? null, after?.epoch ?? null, after?.seq ?? null, limit],
  );
}

/** One of them with its bytes. */
export async function quarantinedRow(
  sql: Sql,
  { agent, epoch, seq }: QuarantinedAt,
): Promise<(QuarantinedRow & { readonly body: Buffer }) | undefined> {
  const [row] = await sql.query<QuarantinedRow & { body: Buffer }>(
    `SELECT ${COLUMNS}, body FROM quarantine WHERE agent = $1 AND epoch = $2 AND seq = $3`,
    [agent, epoch, seq],
  );
  return row;
}

/** How many of which agent wait there for which reason, the most first; at most a hundred reasons. */
export function quarantineReasons(
  sql: Sql,
): Promise<{ agent: string; error: string; count: number; first: Date; last: Date }[]> {
  return sql.query(
    `SELECT agent, error, count(*) AS count, min(recorded_at) AS first, max(recorded_at) AS last FROM quarantine
     WHERE retaken_at IS NULL GROUP BY agent, error ORDER BY count(*) DESC, agent, error LIMIT 100`,
  );
}
