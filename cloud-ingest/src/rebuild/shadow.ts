import type { Database, Sql } from "../database/index.js";
import { createEvidenceLog, evidenceOfRow, type StoredEvidence } from "../locations/index.js";
import type { Checkpoint } from "./checkpoints.js";
import { STATE_FOLLOWERS, STATE_TABLES } from "./state-tables.js";

/** The schema of the tables beside the live ones. What is not in it, its connections find in `public`. */
export const SHADOW = "rebuild";
export const SHADOW_PATH = `${SHADOW},public`;

/** Removes what a rebuild that was ended has left. */
export async function dropShadow(sql: Sql): Promise<void> {
  await sql.query(`DROP SCHEMA IF EXISTS ${SHADOW} CASCADE`);
}

/**
 * Makes the tables beside the live ones, empty or as a checkpoint has them, with the cursors that belong to them.
 *
 * @returns nothing from before this moment is in them, though it may be in the live ones
 */
export async function makeShadow(shadow: Database, from: Checkpoint | undefined): Promise<Date | "-infinity"> {
  await shadow.transaction(async (tx) => {
    await tx.query(`CREATE SCHEMA ${SHADOW}`);
    const whole = [
      ...STATE_TABLES.map(({ name }) => name),
      "evidence_head",
      "evidence_day",
      "location_horizon",
      "follower_cursor",
      // Empty, and never looked at: of what is made anew beside nothing is told.
      "item_due",
      "item_motion",
      // Empty: what is made anew beside marks no minute as changed.
      "series_target",
    ];
    for (const name of whole) await tx.query(`CREATE TABLE ${SHADOW}.${name} (LIKE public.${name} INCLUDING ALL)`);
    await tx.query(
      `CREATE TABLE ${SHADOW}.evidence (LIKE public.evidence INCLUDING ALL) PARTITION BY RANGE (recorded_at)`,
    );
    await tx.query("INSERT INTO evidence_head (partition) SELECT partition FROM public.evidence_head");
    await tx.query(
      "INSERT INTO follower_cursor (follower, partition) SELECT follower, partition FROM public.follower_cursor WHERE follower = ANY ($1)",
      [STATE_FOLLOWERS],
    );
    await tx.query("INSERT INTO location_horizon (at) SELECT at FROM public.location_horizon");
    if (from !== undefined) await fill(tx, from);
  });
  const [row] = await shadow.query<{ at: Date | null }>("SELECT nullif(at, '-infinity') AS at FROM location_horizon");
  return row?.at ?? "-infinity";

  async function fill(tx: Parameters<Parameters<Database["transaction"]>[0]>[0], { edge }: Checkpoint): Promise<void> {
    for (const { name } of STATE_TABLES)
      await tx.query(
        `INSERT INTO ${name} OVERRIDING SYSTEM VALUE SELECT r.* FROM public.state_checkpoint_row c, jsonb_populate_record(NULL::${SHADOW}.${name}, c.row) r
         WHERE c.edge = $1 AND c.of = '${name}'`,
        [edge],
      );
    await tx.query(
      `SELECT setval(pg_get_serial_sequence('${SHADOW}.coverage_span', 'n'), max(n)) FROM ${SHADOW}.coverage_span`,
    );
    await tx.query(
      `UPDATE location_horizon SET at = greatest(at, c.horizon) FROM public.state_checkpoint c WHERE c.edge = $1`,
      [edge],
    );
    await tx.query(
      `UPDATE follower_cursor f SET pos = c.pos FROM public.state_checkpoint_cursor c
       WHERE c.edge = $1 AND c.follower = f.follower AND c.partition = f.partition AND f.follower = ANY ($2)`,
      // Evidence is numbered anew.
      [edge, STATE_FOLLOWERS.filter((name) => name !== "locations")],
    );
    const onTheWay = await tx.query<{ partition: number; rows: StoredEvidence[] }>(
      `SELECT (row->>'partition')::int4 AS partition, jsonb_agg(row ORDER BY (row->>'pos')::int8) AS rows
       FROM public.state_checkpoint_row WHERE edge = $1 AND of = 'evidence' GROUP BY 1 ORDER BY 1`,
      [edge],
    );
    const evidence = createEvidenceLog();
    for (const { partition, rows } of onTheWay) await evidence.append(tx, partition, rows.map(evidenceOfRow));
  }
}
